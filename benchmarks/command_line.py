"""Runs the client's command line with a file of drinks."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.drinks import make_drinks
from benchmarks.process_runner import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENT: Final = Path(__file__).parents[1] / "clients/python/src"


def write_drinks(folder: Path, count: int) -> Path:
    """Write a file with that many drinks."""
    path = folder / f"{count}-drinks.csv"
    path.write_text("".join(";".join(drink) + "\n" for drink in make_drinks(count)))
    return path


def seconds(url: str, file: Path, *options: str) -> float:
    """Return the time that `barback submit FILE --wait` takes, with the start of its process.

    `options` are further options of the command.

    Raises:
        RuntimeError: the command failed, or did not print a row with SUCCESS for each drink.
    """
    command = [sys.executable, "-m", "barback", "--url", url, "submit", str(file), "--wait"]
    command += options
    started = time.perf_counter()
    run = subprocess.run(
        command,
        cwd=file.parent,  # for its resume file
        env={**ENVIRONMENT, "PYTHONPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        check=False,
    )
    elapsed = time.perf_counter() - started
    drinks = file.read_text().splitlines()
    if run.returncode or not answers(run.stdout, drinks):
        raise RuntimeError(f"{' '.join(command)} printed:\n{run.stdout}{run.stderr}")
    return elapsed


def answers(printed: str, drinks: Sequence[str]) -> bool:
    """Whether each drink has one row, in its place, with a suggestion."""
    rows = [
        (row["ingredients"], row["status"], bool(row["result"]))
        for row in csv.DictReader(printed.splitlines())
    ]
    return rows == [(drink, "SUCCESS", True) for drink in drinks]
