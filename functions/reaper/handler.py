"""The reaper's entry point: dead letters in, the messages that must not be deleted out."""

from __future__ import annotations

import os
from typing import Any, Final

from functions.reaper.bootstrap import bootstrap
from tasks.aws.events import failures_response

reaper: Final = bootstrap(os.environ)


def handler(event: Any, _context: object) -> dict[str, Any]:
    """End the tasks of dead letters and report the messages that must not be deleted."""
    return failures_response(reaper.run(event))
