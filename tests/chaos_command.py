"""Runs `python -m infra.chaos` for the tests of both stacks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN_TIMEOUT = 240.0  # seconds; about 90 on two idle cores
VIOLATIONS = ("lost", "unfinished", "duplicated", "wrong")


def start_chaos(stack: str, tasks: int) -> subprocess.Popen[str]:
    """Start a run on a stack, `local` or `emulated`."""
    paths = os.pathsep.join(sys.path)
    variables = {"PYTHONPATH": paths, "TASKS": str(tasks), "STACK": stack}
    return subprocess.Popen(
        [sys.executable, "-m", "infra.chaos"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | variables,
    )


def run_chaos(stack: str, tasks: int) -> dict[str, int]:
    """Run it to its end without a violation, and return the numbers of its tables by name."""
    process = start_chaos(stack, tasks)
    try:
        printed, _ = process.communicate(timeout=RUN_TIMEOUT)
    finally:
        process.kill()
    counts = {name.strip(): int(count) for name, count in re.findall(r"│ (.+?) │ +(\d+)", printed)}
    assert process.returncode == 0, printed
    assert [counts[name] for name in VIOLATIONS] == [0, 0, 0, 0], printed
    return counts
