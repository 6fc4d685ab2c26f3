"""A process whose start is measured: it answers a function's first event, or only imports.

Run as `python -m benchmarks.cold_start_process FUNCTION STAGE`; prints one line of JSON once it is there.

    modules   what the process has imported when its first answer is there, in that order
    imports   import those (the names come from the variable MODULES) and do nothing else
    loaded    and load the model
    answer    answer the first event
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from contextlib import suppress
from typing import Any

from benchmarks import aws_stub as stub


def answer(function: str) -> dict[str, Any]:
    """Let a function's handler answer its first event; AWS is a stub."""
    stub.install()
    handler = importlib.import_module(f"functions.{function}.handler").handler
    found: dict[str, Any] = handler(stub.event_for(function), stub.Context())
    if not stub.is_right(function, found):
        raise RuntimeError(f"The {function} answered {found}")
    if function == "worker" and b"SUCCESS" not in b"".join(stub.sent):
        raise RuntimeError("The worker wrote no success")
    return found


def only_import() -> None:
    """Import what the whole process does by its first answer, in the same order."""
    for name in json.loads(os.environ["MODULES"]):
        with suppress(ImportError):  # names that are made while others are imported
            importlib.import_module(name)


def load_model() -> None:
    """Load the model as the worker does."""
    from suggester.artifacts import Artifacts  # noqa: PLC0415 - the API has no engine
    from suggester.suggester import Suggester  # noqa: PLC0415

    Suggester.load(Artifacts.open(), os.environ["MODEL_ENGINE"])


def main(function: str, stage: str) -> None:
    """Do what the stage says on one processor, and say so."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    # What the function prints is for CloudWatch; the report goes where it would have gone.
    with os.fdopen(os.dup(1), "w") as report:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        found: dict[str, object] = {}
        if stage in ("modules", "answer"):
            answer(function)
        else:
            only_import()
        if stage == "loaded":
            load_model()
        if stage == "modules":
            found["modules"] = [name for name in sys.modules if name != "__main__"]
        print(json.dumps({**found, "rss": stub.resident_bytes()}), file=report)


if __name__ == "__main__":
    main(*sys.argv[1:])
