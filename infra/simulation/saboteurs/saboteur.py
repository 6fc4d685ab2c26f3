"""What a saboteur is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from infra.simulation.parts import Parts

if TYPE_CHECKING:
    from infra.simulation.faults import Profile


@dataclass(frozen=True, slots=True)
class Saboteur:
    """A broken variant of one part.

    Attributes:
        name: what it does wrong.
        rule: the rule that must catch it.
        part: the name of the part that it replaces.
        variant: the broken class or function.
        profile: faults that show it soon; None for those that are drawn.
    """

    name: str
    rule: str
    part: str
    variant: Any
    profile: Profile | None = None

    @property
    def parts(self) -> Parts:
        """The parts with the broken one."""
        changed: dict[str, Any] = {self.part: self.variant}
        return replace(Parts(), **changed)
