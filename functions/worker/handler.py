"""The worker's entry point: an SQS event in, the messages that must not be deleted out."""

from __future__ import annotations

import os
from typing import Any, Final, Protocol

from functions.worker.bootstrap import bootstrap
from tasks.aws.events import failures_response

worker: Final = bootstrap(os.environ)


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""


def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Process a batch of tasks and report the messages that must not be deleted."""
    failures = worker.run(event, lambda: context.get_remaining_time_in_millis() / 1000)
    return failures_response(failures)
