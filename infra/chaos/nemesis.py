"""The nemesis: it disrupts the stack while the workload runs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

POLL_INTERVAL: Final = 0.02  # seconds between two checks of the progress


@contextmanager
def running_nemesis(
    disruptions: Sequence[Callable[[], None]], progress: Callable[[], float]
) -> Iterator[None]:
    """Disrupt the stack from a thread, at even steps of `progress`, which goes from 0 to 1.

    A disruption that raises makes the run fail too.
    """
    finished = threading.Event()

    def disrupt() -> None:
        for number, disruption in enumerate(disruptions, start=1):
            while progress() < number / (len(disruptions) + 1):
                if finished.wait(POLL_INTERVAL):
                    return
            disruption()

    with ThreadPoolExecutor(1) as pool:
        disrupting = pool.submit(disrupt)
        try:
            yield
        finally:
            finished.set()
        disrupting.result()
