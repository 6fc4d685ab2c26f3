"""The worker's entry point: an SQS event in, the messages that must come again out."""

from __future__ import annotations

from typing import Any, Protocol

from functions.worker.dependencies import worker
from tasks.delivery import failures_response


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""


def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Work through a batch of tasks and report the messages that must come again."""
    failures = worker().run(event, lambda: context.get_remaining_time_in_millis() / 1000)
    return failures_response(failures)
