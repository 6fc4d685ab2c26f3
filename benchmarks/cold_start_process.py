"""A process that starts cold: it responds to a function's first event, or only imports modules.

Run `python -m benchmarks.cold_start_process FUNCTION STAGE`. The stages are:

    modules   respond to the first event, and report the imported modules in order
    imports   import the modules of the variable MODULES and do nothing else
    model     import the same modules and load the model
    response  respond to the first event
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from contextlib import suppress
from typing import Any

from benchmarks import aws_stub
from benchmarks.process_report import reporting, resident_bytes


def respond(function: str) -> None:
    """Respond to the first event of a function with AWS stubbed.

    Raises:
        RuntimeError: the response is an error, or the worker stored no success.
    """
    handler = aws_stub.load_handler(function)
    aws_stub.check_response(function, handler(aws_stub.first_event(function), aws_stub.Context()))
    if function == "worker" and b"SUCCESS" not in b"".join(aws_stub.request_bodies):
        raise RuntimeError("The worker stored no success.")


def import_modules() -> None:
    """Import the modules that the function has imported by its first response, in that order."""
    for name in json.loads(os.environ["MODULES"]):
        with suppress(ImportError):  # some modules exist only while others are being imported
            importlib.import_module(name)


def load_model() -> None:
    """Load the model as the worker does."""
    from suggester.artifacts import Artifacts  # noqa: PLC0415 - the API function has no engine
    from suggester.suggester import Suggester  # noqa: PLC0415

    Suggester.load(Artifacts.open(), os.environ["MODEL_ENGINE"])


def main(function: str, stage: str) -> None:
    """Run one stage and report the memory after it."""
    with reporting() as report:
        if stage in ("modules", "response"):
            respond(function)
        else:
            import_modules()
        if stage == "model":
            load_model()
        found: dict[str, Any] = {"resident_bytes": resident_bytes()}
        if stage == "modules":
            # The handler itself is left out, because importing it builds the function.
            left_out = ("__main__", f"functions.{function}.handler")
            found["modules"] = [name for name in sys.modules if name not in left_out]
        report(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
