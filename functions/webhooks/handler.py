"""The entry point: records of the table's stream, or messages of the queue of deliveries, in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from functions.webhooks.bootstrap import bootstrap
from tasks.aws.events import failures_response, remaining_time

if TYPE_CHECKING:
    from tasks.aws.events import LambdaContext

webhooks: Final = bootstrap(os.environ)


def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
    """Start or send deliveries, and report the records or messages to deliver again."""
    return failures_response(webhooks.run(event, remaining_time(context)))
