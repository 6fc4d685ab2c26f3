"""The measured CPU times of the handlers, and the command that measures them again."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.process_runner import run_process

FILE: Final = Path(__file__).with_name("service_times.json")
RUNS: Final = 3
PROCESSED: Final = "process a batch of "
CPU_INFO: Final = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """CPU times on one processor, in milliseconds, with AWS stubbed.

    Attributes:
        date: the day of the measurement.
        machine: the processor.
        python: the version of Python.
        milliseconds: the CPU time by kind of request, as `benchmarks.request_process` names them.
    """

    date: str
    machine: str
    python: str
    milliseconds: dict[str, float]

    def seconds(self, request: str) -> float:
        """Return the CPU time of a kind of request."""
        return self.milliseconds[request] / 1000

    def batch_seconds(self, size: float) -> float:
        """Return the worker's CPU time for a batch, interpolated between the measured sizes."""
        measured = {
            int(name.removeprefix(PROCESSED)): milliseconds / 1000
            for name, milliseconds in self.milliseconds.items()
            if name.startswith(PROCESSED)
        }
        return float(np.interp(size, list(measured), list(measured.values())))


def read_service_times(file: Path = FILE) -> ServiceTimes:
    """Return the committed measurement."""
    return ServiceTimes(**json.loads(file.read_text(encoding="utf-8")))


def measure(file: Path = FILE) -> None:
    """Measure on this machine, and replace the committed measurement.

    Each time is the shortest of several runs, because other programs can only lengthen it.
    """
    runs = [run_process("request_process").reports[0] for _ in range(RUNS)]
    found = ServiceTimes(
        date=datetime.now(UTC).date().isoformat(),
        machine=_processor(),
        python=platform.python_version(),
        milliseconds={name: round(min(run[name] for run in runs), 2) for name in runs[0]},
    )
    file.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")


def _processor() -> str:
    """Return the model of the processor; Linux knows it better than Python."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
