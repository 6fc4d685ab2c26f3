"""A document of 100,000 drinks through the worker's handler."""

from __future__ import annotations

import json
import subprocess
import sys

from rich.table import Table

from benchmarks import aws_stub as stub
from benchmarks.engines import ENVIRONMENT, MEGABYTE


def compare() -> Table:
    """Measure in a process of its own, on one processor."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.document_process"],
        capture_output=True,
        env={**ENVIRONMENT, **stub.ENVIRONMENT},
        check=True,
    )
    table = Table(
        *("invocations", "worker time, s", "drinks/s", "MB at most"),
        title="A document of 100,000 drinks through the worker's handler, one processor",
    )
    for line in done.stdout.splitlines():
        found = json.loads(line)
        rate = found["drinks"] / found["seconds"]
        row = (f"{found['seconds']:.2f}", f"{rate:,.0f}", f"{found['rss'] / MEGABYTE:.0f}")
        table.add_row(str(found["invocations"]), *row)
    return table
