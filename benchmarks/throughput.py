"""A thousand tasks through the worker's handler, beside a thousand bare calls and the model."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import Final

from rich.table import Table

from benchmarks import aws_stub as stub
from benchmarks.cold_start import ratio_row
from benchmarks.engines import ENVIRONMENT
from benchmarks.throughput_process import EVENTS, RECORDS, ROUNDS
from functions.worker.batch import WRITERS

BESIDE: Final = {
    "pool": f"bare update calls, {WRITERS} threads",
    "sequence": "bare update calls, one after another",
    "model": "the model alone",
}


def compare() -> Table:
    """Measure in a process of its own and return the medians of the ratios."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.throughput_process"],
        capture_output=True,
        env={**ENVIRONMENT, **stub.ENVIRONMENT},
        check=True,
    )
    seconds: dict[str, list[float]] = json.loads(done.stdout)
    rate = EVENTS * RECORDS / statistics.median(seconds["handler"])
    table = Table(
        *("beside", "ratio", "handler, s", "beside, s"),
        title=f"{EVENTS} events of {RECORDS} tasks through the worker's handler, one processor, "
        f"median of {ROUNDS} rounds in turns: {rate:,.0f} tasks/s",
    )
    for name, title in BESIDE.items():
        table.add_row(title, *ratio_row(seconds["handler"], seconds[name]))
    return table
