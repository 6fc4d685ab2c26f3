"""The port between the batch loop and the lanes: a processor for each kind of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition
    from tasks.aws.events import Delivery


class Processor(Protocol):
    """Processes the deliveries of a lane."""

    def process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        """Return the disposition of each delivery, in the given order. Never raises.

        Args:
            deliveries: the deliveries; none is past its deadline.
            remaining: returns the seconds until Lambda ends this invocation.
        """


def log_fields(delivery: Delivery) -> dict[str, str | int]:
    """Return the fields that every log line about a task has, without any of its input."""
    return {**delivery.message.trace_fields, "receive_count": delivery.receive_count}
