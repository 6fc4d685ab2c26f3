"""The service's lists: ingredients, groups and queues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from barback._flat_object import FlatObject

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Look(FlatObject):
    """How an ingredient looks.

    Args:
        shelf: where a bar keeps it, such as `milk` or `spice`.
        colour: such as `#f2b8c6`.
    """

    shelf: str
    form: str
    colour: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """An ingredient that the model knows.

    `base` ingredients may start a drink, `additive` ingredients may be added to one.

    Args:
        contains: the groups that the ingredient belongs to, such as `dairy`. It is None if the
            service has no data, and then the ingredient counts as a member of every group.
        aliases: its other names, in both languages.
        look: None if the service has no data, like `drinks`.
        drinks: the number of known drinks with it.
    """

    id: str
    name: str
    base: bool
    additive: bool
    contains: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()
    look: Look | None = None
    drinks: int | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Ingredient:
        """Read an entry of the list of ingredients."""
        groups = body.get("contains")
        contains = None if groups is None else tuple(groups)
        return cls(
            id=body["id"],
            name=body["name"],
            base=body["base"],
            additive=body["additive"],
            contains=contains,
            aliases=tuple(body.get("aliases", ())),
            look=Look.from_optional_json(body.get("look")),
            drinks=body.get("drinks"),
        )


@dataclass(frozen=True, slots=True)
class Group(FlatObject):
    """A group that a drink can exclude.

    Args:
        group: the name for `exclude`, such as `group:dairy`.
        ingredients: the number of ingredients that are excluded with it.
    """

    group: str
    ingredients: int


@dataclass(frozen=True, slots=True)
class QueueLoad(FlatObject):
    """The load of a queue; `rate` and `expected_wait` are None until the service has measured them.

    Args:
        depth: the number of waiting tasks.
        in_flight: the number of tasks that workers have received.
        rate: completed tasks per second.
        expected_wait: seconds until a task that is submitted now is finished.
    """

    depth: int
    in_flight: int
    rate: float | None
    expected_wait: float | None
