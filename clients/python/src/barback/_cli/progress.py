"""Shows the progress of a run on standard error: a bar on a terminal, otherwise lines."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from barback._cli.console import STDERR, print_message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from barback._run import RunProgress

TICK: Final = 0.5  # seconds
FIRST_LINE: Final = 1.0  # seconds after the start
LINE_INTERVAL: Final = 5.0  # seconds between two lines


class Display(Protocol):
    """Shows the progress."""

    def update(self, progress: RunProgress, /) -> None:
        """Note the progress of the run."""

    def tick(self) -> None:
        """Show the progress again, because time has passed."""


class Estimate:
    """Describes progress in words, with the time that is left at the pace so far."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._start = now()
        self._done_before: int | None = None

    @property
    def elapsed(self) -> float:
        """The seconds since the start."""
        return self._now() - self._start

    def describe(self, progress: RunProgress) -> str:
        """Return the number of drinks that are done, and the time that is left."""
        if self._done_before is None:
            self._done_before = progress.done  # by an earlier attempt
        failed = f", {progress.failed} failed" if progress.failed else ""
        if not progress.measured:
            return f"{progress.total} lines in a document, no count yet"
        return f"{progress.done} of {progress.total} lines{failed}, {self._left(progress)}"

    def _left(self, progress: RunProgress) -> str:
        done = progress.done - (self._done_before or 0)
        if not done:
            return "time left not known yet"
        left = self.elapsed * (progress.total - progress.done) / done
        if left < 60:  # noqa: PLR2004 - seconds in a minute
            return f"about {left:.0f} s left"
        return f"about {left / 60:.0f} min left"


class LineDisplay:
    """Prints a line one second after the start and every five seconds."""

    def __init__(self, now: Callable[[], float], write: Callable[[str], object]) -> None:
        self._estimate = Estimate(now)
        self._write = write
        self._progress: RunProgress | None = None
        self._next = FIRST_LINE

    def update(self, progress: RunProgress, /) -> None:
        """Note the progress of the run."""
        if self._progress is None:
            self._estimate.describe(progress)
        self._progress = progress
        self.tick()

    def tick(self) -> None:
        """Print a line if it is time for one."""
        if self._progress and self._estimate.elapsed >= self._next:
            self._next = self._estimate.elapsed + LINE_INTERVAL
            self._write(f"{self._estimate.describe(self._progress)}.")


class BarDisplay:
    """Moves a bar on a terminal."""

    def __init__(self, bar: Progress, now: Callable[[], float]) -> None:
        self._bar = bar
        self._estimate = Estimate(now)
        self._task = bar.add_task("submitting", total=None)
        self._progress: RunProgress | None = None

    def update(self, progress: RunProgress, /) -> None:
        """Note the progress of the run."""
        self._progress = progress
        self.tick()

    def tick(self) -> None:
        """Draw the bar with the current estimate."""
        if progress := self._progress:
            self._bar.update(
                self._task,
                description=self._estimate.describe(progress),
                completed=progress.done,
                total=progress.total if progress.measured else None,
            )


@asynccontextmanager
async def shown_progress() -> AsyncIterator[Display]:
    """Show progress until the end of the block."""
    if not STDERR.is_terminal:
        async with _ticking(LineDisplay(time.monotonic, print_message)) as display:
            yield display
        return
    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=STDERR, transient=True) as bar:
        async with _ticking(BarDisplay(bar, time.monotonic)) as display:
            yield display


@asynccontextmanager
async def _ticking(display: Display) -> AsyncIterator[Display]:
    async def tick() -> None:
        while True:
            await asyncio.sleep(TICK)
            display.tick()

    ticker = asyncio.ensure_future(tick())
    try:
        yield display
    finally:
        ticker.cancel()
