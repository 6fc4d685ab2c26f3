"""The progress that `submit` shows."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress, TextColumn

from barback import RunProgress
from barback._cli.progress import BarDisplay, Estimate, LineDisplay


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def progress(done: int, failed: int = 0, *, measured: bool = True) -> RunProgress:
    return RunProgress(done, failed, 300, measured)


def test_the_estimate_follows_the_pace_so_far() -> None:
    clock = Clock()
    estimate = Estimate(clock)
    assert estimate.describe(progress(0)) == "0 of 300 lines, time left not known yet"
    clock.time += 10
    assert estimate.describe(progress(100)) == "100 of 300 lines, about 20 s left"
    clock.time += 590
    assert estimate.describe(progress(200, 2)) == "200 of 300 lines, 2 failed, about 5 min left"


def test_drinks_of_an_earlier_attempt_do_not_count_as_pace() -> None:
    clock = Clock()
    estimate = Estimate(clock)
    estimate.describe(progress(200))
    clock.time += 10
    assert estimate.describe(progress(250)) == "250 of 300 lines, about 10 s left"


def test_progress_without_a_count_claims_none() -> None:
    text = Estimate(Clock()).describe(progress(0, measured=False))
    assert text == "300 lines in a document, no count yet"


def test_lines_begin_after_a_second_and_follow_every_five() -> None:
    """A short run prints nothing."""
    clock, lines = Clock(), list[str]()
    display = LineDisplay(clock, lines.append)
    display.update(progress(0))
    assert lines == []
    for second in range(1, 12):
        clock.time = 100.0 + second
        display.update(progress(20 * second))
    assert lines == [
        "20 of 300 lines, about 14 s left.",
        "120 of 300 lines, about 9 s left.",
        "220 of 300 lines, about 4 s left.",
    ]


def test_a_bar_shows_the_count_from_the_start() -> None:
    """It has no length while there is no count."""
    bar = Progress(TextColumn("{task.description}"), console=Console(file=io.StringIO()))
    clock = Clock()
    display = BarDisplay(bar, clock)
    display.update(progress(0, measured=False))
    assert [task.total for task in bar.tasks] == [None]
    clock.time += 1
    display.update(progress(30))
    [task] = bar.tasks
    assert (task.completed, task.total) == (30.0, 300.0)
    assert task.description == "30 of 300 lines, about 9 s left"
