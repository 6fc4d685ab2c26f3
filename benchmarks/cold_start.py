"""Cold start: process start to a function's first answer, beside the imports alone."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from benchmarks import aws_stub as stub
from benchmarks.engines import ENVIRONMENT, MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS: Final = 7
# Function -> what its first answer is compared with. The worker cannot do without its model.
COMPARED: Final = {"api": ("imports",), "worker": ("imports", "loaded")}
TITLES: Final = {"imports": "its imports", "loaded": "its imports and the model"}


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds from process start to a stage, and what the process then said of itself."""

    seconds: float
    report: dict[str, Any]


def start(function: str, stage: str, modules: Sequence[str] = ()) -> Started:
    """Start a process and wait for its report."""
    environment = {**ENVIRONMENT, **stub.ENVIRONMENT, "MODULES": json.dumps(modules)}
    command = [sys.executable, "-m", "benchmarks.cold_start_process", function, stage]
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - started
        errors = process.stderr.read()
    if not line:
        raise RuntimeError(f"The {function} did not start: {errors}")
    return Started(seconds, json.loads(line))


def compare() -> Table:
    """Measure the stages of both functions in turns and return the medians of the ratios."""
    modules = {name: start(name, "modules").report["modules"] for name in COMPARED}
    stages = [(name, stage) for name, found in COMPARED.items() for stage in ("answer", *found)]
    rounds = [
        {(name, stage): start(name, stage, modules[name]) for name, stage in stages}
        for _ in range(ROUNDS)
    ]
    table = Table(
        *("function", "beside", "ratio", "first answer, s", "beside, s", "memory then, MB"),
        title=f"Cold start, a process on one processor, median of {ROUNDS} rounds in turns",
    )
    for name, others in COMPARED.items():
        answers = [found[name, "answer"] for found in rounds]
        memory = statistics.median(answer.report["rss"] / MEGABYTE for answer in answers)
        for other in others:
            beside = [found[name, other].seconds for found in rounds]
            row = ratio_row([answer.seconds for answer in answers], beside)
            table.add_row(name, TITLES[other], *row, f"{memory:,.1f}")
    return table


def ratio_row(seconds: Sequence[float], beside: Sequence[float]) -> tuple[str, str, str]:
    """Return the median of the ratios, pair by pair, and both medians."""
    ratio = statistics.median(a / b for a, b in zip(seconds, beside, strict=True))
    return f"{ratio:.2f}", f"{statistics.median(seconds):.3f}", f"{statistics.median(beside):.3f}"
