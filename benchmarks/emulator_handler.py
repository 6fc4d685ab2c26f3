"""Handlers for the Runtime Interface Emulator: the functions over the stub, or imports alone.

The variables FUNCTION and STAGE say what is loaded; the stages are those of `benchmarks.cold_start_process`.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from benchmarks import aws_stub as stub
from benchmarks import cold_start_process as first


def _loaded(function: str, stage: str) -> Any:
    if stage == "answer":
        stub.install()
        return importlib.import_module(f"functions.{function}.handler").handler
    first.only_import()
    if stage == "loaded":
        first.load_model()
    return lambda _event, _context: {}


# As Lambda has it: what is loaded, is loaded when the module is imported.
handler = _loaded(os.environ["FUNCTION"], os.environ["STAGE"])
