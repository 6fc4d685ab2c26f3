"""Starts the deliveries of the tasks in an event of the table's stream."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.aws.stream import read_stream
from tasks.failure_log import log_failures, trace_fields

if TYPE_CHECKING:
    from typing import Any

    from tasks.failure_log import Failure
    from tasks.webhooks.start import DeliveryStarter, Ending

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamReader:
    """Starts deliveries. A batch of the event is read once for all its records."""

    starter: DeliveryStarter

    def run(self, event: Any) -> list[str]:
        """Return the sequence number of the first record that is unreadable or failed, if any.

        Lambda delivers that record and all after it again.
        """
        endings, unreadable = read_stream(event)
        by_delivery: dict[str, list[tuple[str, Ending]]] = {}
        for sequence, ending in endings:
            by_delivery.setdefault(ending.delivery_id, []).append((sequence, ending))
        failed = set(unreadable)
        failures: list[Failure] = []
        for found in by_delivery.values():
            _, ending = found[-1]
            try:
                self.starter.start(ending)
            except Exception as error:  # noqa: BLE001 - any error affects only one delivery
                failures.append((trace_fields(ending.delivery_id, ending.traceparent), error))
                failed.update(sequence for sequence, _ in found)
        log_failures(logger, "Deliveries could not be started", failures)
        return sorted(failed, key=int)[:1]
