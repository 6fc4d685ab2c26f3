"""Tells the two kinds of events apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.aws.stream import is_stream_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.webhooks.outbox import Outbox
    from functions.webhooks.stream import StreamReader


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Starts deliveries with events of the table's stream, and sends them with those of SQS."""

    stream: StreamReader
    outbox: Outbox

    def run(self, event: Any, remaining: Callable[[], float]) -> list[str]:
        """Return the ids of the records or messages that must be delivered again.

        Args:
            event: the event, as Lambda passes it.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        if is_stream_event(event):
            return self.stream.run(event)
        return self.outbox.run(event, remaining)
