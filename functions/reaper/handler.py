"""The reaper's entry point: dead letters in, the messages that must not be deleted out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from functions.reaper.bootstrap import bootstrap
from tasks.aws.events import failures_response, remaining_time

if TYPE_CHECKING:
    from tasks.aws.events import LambdaContext

reaper: Final = bootstrap(os.environ)


def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """End the tasks of dead letters and report the messages that must not be deleted."""
    return failures_response(reaper.run(event, remaining_time(context)))
