"""The nemesis: it kills and restarts processes while the workload runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from infra.chaos.cluster import Cluster

POLL_INTERVAL: Final = 0.02  # seconds between two checks of the progress


def schedule(cluster: Cluster, tasks: int, rng: Random) -> list[Callable[[], None]]:
    """Return the disruptions of a run with that many tasks, in random order."""
    disruptions = [cluster.kill_worker] * max(3, tasks // 125)
    disruptions += [cluster.kill_api, cluster.restart_api] * max(1, tasks // 600)
    rng.shuffle(disruptions)
    return disruptions


@contextmanager
def running_nemesis(
    disruptions: Sequence[Callable[[], None]], progress: Callable[[], float]
) -> Iterator[None]:
    """Disrupt the cluster from a thread, at even steps of `progress`, which goes from 0 to 1."""
    finished = threading.Event()

    def disrupt() -> None:
        for number, disruption in enumerate(disruptions, start=1):
            while progress() < number / (len(disruptions) + 1):
                if finished.wait(POLL_INTERVAL):
                    return
            disruption()

    thread = threading.Thread(target=disrupt)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
