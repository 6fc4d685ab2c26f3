"""The reaper's entry point: dead letters in, the messages that must stay out."""

from __future__ import annotations

from typing import Any

from functions.reaper.dependencies import reaper
from tasks.delivery import failures_response


def handler(event: Any, _context: object) -> dict[str, Any]:
    """End the tasks of dead letters and report the messages that must stay in their queue."""
    return failures_response(reaper().run(event))
