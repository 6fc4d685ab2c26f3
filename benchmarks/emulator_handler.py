"""The handler of the measured containers, which Lambda's Runtime Interface Emulator loads.

The variables FUNCTION and STAGE choose what it does; see `benchmarks.cold_start_process`.
"""

from __future__ import annotations

import os
from typing import Any

from benchmarks import aws_stub, cold_start_process


def _load_handler(function: str, stage: str) -> Any:
    if stage == "response":
        return aws_stub.load_handler(function)
    cold_start_process.import_modules()
    if stage == "model":
        cold_start_process.load_model()
    return lambda _event, _context: {}


# The emulator imports this module at the cold start, so the work is done at import, as on Lambda.
handler = _load_handler(os.environ["FUNCTION"], os.environ["STAGE"])
