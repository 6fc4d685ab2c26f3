"""Figures: two quantities that were measured in alternation, and the ratio of the two."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio.

    Attributes:
        name: says what is divided by what, as `a / b`.
        unit: the unit of a and b.
        rounds: a and b of each round.
    """

    name: str
    unit: str
    rounds: Sequence[tuple[float, float]]

    @property
    def ratio(self) -> float:
        """The median of the ratios by round."""
        return median(a / b for a, b in self.rounds)

    @property
    def medians(self) -> tuple[float, float]:
        """The median of a, and the median of b."""
        return median(a for a, _ in self.rounds), median(b for _, b in self.rounds)


def alternate(
    first: Callable[[], float], second: Callable[[], float], rounds: int = ROUNDS
) -> list[tuple[float, float]]:
    """Measure two quantities in turn."""
    return [(first(), second()) for _ in range(rounds)]


def tabulate(figures: Iterable[Figure]) -> Table:
    """Return a row for each figure."""
    table = Table(
        *("a / b", "ratio", "a", "b", "unit", "rounds"),
        title="The stack on one machine: medians of a, of b, and of their ratio by round",
    )
    for figure in figures:
        a, b = map(_number, figure.medians)
        rounds = str(len(figure.rounds))
        table.add_row(figure.name, f"{figure.ratio:.2f}", a, b, figure.unit, rounds)
    return table


def _number(value: float) -> str:
    """Return three significant digits, or a whole number."""
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004
