"""A process that measures one engine: `python -m benchmarks.engine_process ENGINE`.

It reports its memory after the first suggestion, then the suggestions per second by batch size,
and its largest memory. The variable MODEL_DIR names another model than the project's.
"""

from __future__ import annotations

import io
import os
import sys
import time
from typing import Final

import numpy as np

from benchmarks.process_report import peak_bytes, reporting, resident_bytes
from suggester.artifacts import Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester

BATCH_SIZES: Final = (1, 10, 100, 1000)
SECONDS: Final = 1.0  # for each batch size
MAX_REQUESTS: Final = 2_000


def main(engine: str) -> None:
    """Measure an engine on one processor."""
    with reporting() as report:
        artifacts = Artifacts.of(os.environ)
        suggester = Suggester.load(artifacts, engine)
        ids = [entry.id for entry in suggester.vocabulary.ingredients]
        suggester.answer([Request(tuple(ids[:2]))])
        report({"resident_bytes": resident_bytes()})
        requests = recipe_requests(artifacts, suggester)
        report({str(size): throughput(suggester, requests, size) for size in BATCH_SIZES})
        report({"peak_bytes": peak_bytes()})


def recipe_requests(artifacts: Artifacts, suggester: Suggester) -> list[Request]:
    """Return the recipes of the model as requests, each without its last ingredient."""
    ids = [entry.id for entry in suggester.vocabulary.ingredients]
    with np.load(io.BytesIO(artifacts.read("recipes.npz"))) as recipes:
        rows = np.split(recipes["indices"], recipes["indptr"][1:-1])
    return [Request(tuple(ids[column] for column in row[:-1])) for row in rows[:MAX_REQUESTS]]


def throughput(suggester: Suggester, requests: list[Request], size: int) -> float:
    """Answer batches of that size for a while and return the suggestions per second."""
    batches = [
        [requests[(start + offset) % len(requests)] for offset in range(size)]
        for start in range(0, 1000, size)
    ]
    suggester.answer(batches[0])
    answered, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        suggester.answer(batches[answered // size % len(batches)])
        answered += size
    return answered / elapsed


if __name__ == "__main__":
    main(sys.argv[1])
