"""Runs a measuring process and reads its reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, Final

from benchmarks import aws_stub

# One thread for each library, because TensorFlow would otherwise use every processor. Python
# writes bytecode, so that only the first process compiles the modules that it imports.
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """The seconds from the start of a process to its first report, and all its reports."""

    seconds: float
    reports: list[dict[str, Any]]


def run_process(module: str, *arguments: str, **variables: str) -> Measurement:
    """Run a module of this package as a process with additional environment variables.

    The process searches for modules where this one does.

    Raises:
        RuntimeError: the process failed.
    """
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {**ENVIRONMENT, **aws_stub.ENVIRONMENT, **paths, **variables}
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    with TemporaryFile() as stderr:
        started = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            seconds = time.perf_counter() - started
            others = process.stdout.readlines()
        if process.returncode or not first:
            stderr.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{stderr.read().decode()}")
    return Measurement(seconds, [json.loads(line) for line in (first, *others)])
