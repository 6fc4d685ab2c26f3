"""Tests of the figures and their table."""

from __future__ import annotations

from rich.console import Console

from benchmarks.figures import Figure, alternate, tabulate

SLOW_ROUND = Figure("peer / ours", "s", [(5.0, 1.0), (6.0, 2.0), (54.0, 9.0)])


def test_the_ratio_is_the_median_of_the_ratios_by_round() -> None:
    """A round that is slow for both sides changes the medians, but not the ratio."""
    assert SLOW_ROUND.ratio == 5.0
    assert SLOW_ROUND.medians == (6.0, 2.0)


def test_the_sides_are_measured_in_turn() -> None:
    measured: list[str] = []

    def measure(side: str) -> float:
        measured.append(side)
        return float(len(measured))

    rounds = alternate(lambda: measure("a"), lambda: measure("b"), rounds=2)
    assert measured == ["a", "b", "a", "b"]
    assert rounds == [(1.0, 2.0), (3.0, 4.0)]


def test_a_row_has_the_ratio_and_both_medians() -> None:
    console = Console(record=True, width=120)
    console.print(tabulate([SLOW_ROUND, Figure("many / few", "tasks/s", [(2400.0, 3000.0)])]))
    rows = [
        [cell.strip() for cell in line.split("│")] for line in console.export_text().split("\n")
    ]
    assert ["", "peer / ours", "5.00", "6", "2", "s", "3", ""] in rows
    assert ["", "many / few", "0.80", "2,400", "3,000", "tasks/s", "1", ""] in rows
