"""The engines side by side: start, memory, suggestions per second."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from benchmarks.engine_process import BATCHES

ENGINES: Final = ("litert", "tensorflow")
ROUNDS: Final = 5
MEGABYTE: Final = 1_000_000
# One thread each: TensorFlow would take every processor, and the probe has one. The first process
# compiles what it imports, and the others find it compiled, whatever this shell asks for.
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds from process start to the first suggestion, bytes then, suggestions per second."""

    first: float
    rss: float
    throughput: dict[str, float]


def measure(engine: str) -> Measured:
    """Run the probe once."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.engine_process", engine],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        first = time.perf_counter() - started
        throughput = json.loads(process.stdout.readline())
    return Measured(first, json.loads(line)["rss"], throughput)


def compare() -> Table:
    """Measure the engines in turns and return the medians, with LiteRT as a share of TensorFlow."""
    rounds = [{engine: measure(engine) for engine in ENGINES} for _ in range(ROUNDS)]
    table = Table(
        "", *ENGINES, "ratio", title=f"Engines, one thread, median of {ROUNDS} rounds in turns"
    )

    def row(title: str, values: list[list[float]], unit: str) -> None:
        medians = [statistics.median(column) for column in values]
        ratio = statistics.median(a / b for a, b in zip(*values, strict=True))
        table.add_row(title, *(f"{median:,.{unit}}" for median in medians), f"{ratio:.3f}")

    row("first suggestion, s", [[r[e].first for r in rounds] for e in ENGINES], "3f")
    row("memory then, MB", [[r[e].rss / MEGABYTE for r in rounds] for e in ENGINES], "1f")
    for size in map(str, BATCHES):
        found = [[r[e].throughput[size] for r in rounds] for e in ENGINES]
        row(f"suggestions/s, batch {size}", found, "0f")
    return table
