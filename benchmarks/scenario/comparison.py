"""A hundred tasks through this project's stack and through the predecessor's design."""

from __future__ import annotations

import os
import random
import statistics
from contextlib import closing
from typing import TYPE_CHECKING, Final

from rich.table import Table

from benchmarks.scenario import services
from benchmarks.scenario.client import Client, as_array, one_by_one, seconds
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from benchmarks.scenario.client import Drinks, Submit

    Round = Mapping[str, float]

TASKS: Final = 100
ROUNDS: Final = 3
ENGINES: Final = {"keras": "Keras, predict", "litert": "this project's LiteRT"}
THIS: Final = "this project, 1 worker"
ARRAY: Final = f"this project, 1 worker, one array of {TASKS}"


def drinks(vocabulary: Vocabulary, count: int = TASKS) -> list[list[str]]:
    """Make up half-built drinks: a base and up to three additives, the same at every run."""
    bases = [entry.en for entry in vocabulary.ingredients if entry.base]
    additives = [entry.en for entry in vocabulary.ingredients if entry.additive and not entry.base]
    chance = random.Random(7)  # noqa: S311 - nothing secret about it
    return [
        [chance.choice(bases), *chance.sample(additives, min(len(additives), chance.randint(0, 3)))]
        for _ in range(count)
    ]


def compare(workers: Sequence[int] = ()) -> Table:
    """Measure all in turns and return the medians, with the ratios to this project's seconds.

    Args:
        workers: numbers of the predecessor's worker processes: as many as this project's stack
            has, and one for each processor, unless told otherwise.
    """
    counts = workers or sorted({1, len(os.sched_getaffinity(0))})
    asked = drinks(Vocabulary.load(Artifacts.open()))
    return tabulate([_round(asked, counts) for _ in range(ROUNDS)])


def tabulate(rounds: Sequence[Round]) -> Table:
    """Return a row for each that was measured, with the median of its ratios round by round."""
    table = Table(
        *("", "seconds", "beside this project"),
        title=f"{TASKS} callers' tasks on one machine, first submit to last result, median of "
        f"{len(rounds)} rounds in turns",
    )
    for name in rounds[0]:
        ratio = statistics.median(found[name] / found[THIS] for found in rounds)
        median = statistics.median(found[name] for found in rounds)
        table.add_row(name, f"{median:.2f}", f"{ratio:.2f} x")
    return table


def _round(asked: Drinks, counts: Sequence[int]) -> Round:
    measured = _measure(services.barback(), asked, {THIS: one_by_one, ARRAY: as_array})
    for engine, title in ENGINES.items():
        for count in counts:
            plural = "worker" if count == 1 else "workers"
            name = f"predecessor, {count} {plural}, {title}"
            started = services.predecessor(engine, count)
            measured |= _measure(started, asked, {name: one_by_one})
    return measured


def _measure(
    service: AbstractContextManager[str],
    asked: Drinks,
    submits: Mapping[str, Submit],
) -> dict[str, float]:
    """Start a service, warm it up with all tasks, and return seconds by name."""
    with service as url, closing(Client(url)) as client:
        seconds(client, asked, one_by_one)
        return {name: seconds(client, asked, submit) for name, submit in submits.items()}
