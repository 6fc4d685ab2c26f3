"""The worker's entry point: an SQS event in, the messages that must not be deleted out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from functions.worker.bootstrap import bootstrap
from tasks.aws.events import failures_response, remaining_time

if TYPE_CHECKING:
    from tasks.aws.events import LambdaContext

worker: Final = bootstrap(os.environ)


def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Process a batch of tasks and report the messages that must not be deleted."""
    return failures_response(worker.run(event, remaining_time(context)))
