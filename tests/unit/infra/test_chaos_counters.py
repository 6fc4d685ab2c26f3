"""Counters in a file are shared with other processes and outlive the process that writes them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from infra.chaos.counters import Counters, Metric

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os, signal, sys
from pathlib import Path
from infra.chaos.counters import Counters, Metric
counters = Counters.in_file(Path(sys.argv[1]))
counters.add(Metric.MODEL_CRASHES, 3)
counters.add(Metric.MODEL_CRASHES, -1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_new_file_counts_from_zero(tmp_path: Path) -> None:
    counters = Counters.in_file(tmp_path / "counters")
    assert [counters[metric] for metric in Metric] == [0] * len(Metric)


def test_a_reader_sees_later_changes(tmp_path: Path) -> None:
    reader = Counters.in_file(tmp_path / "counters")
    Counters.in_file(tmp_path / "counters").add(Metric.RESPONSES_LOST)
    assert reader[Metric.RESPONSES_LOST] == 1


def test_counts_survive_the_kill_of_their_process(tmp_path: Path) -> None:
    path = tmp_path / "counters"
    subprocess.run([sys.executable, "-c", PROGRAM, str(path)], check=False)
    counters = Counters.in_file(path)
    assert counters[Metric.MODEL_CRASHES] == 2
    assert counters[Metric.MODEL_FAILURES] == 0
