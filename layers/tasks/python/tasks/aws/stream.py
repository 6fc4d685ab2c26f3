"""Events of the table's stream. The filter in template.yaml passes only tasks with webhooks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from tasks.webhooks.start import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE: Final = "aws:dynamodb"

logger = logging.getLogger(__name__)


def is_stream_event(event: Any) -> bool:
    """Whether an event is from a table's stream."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and any(each.get("eventSource") == SOURCE for each in records)


def read_stream(event: Mapping[str, Any]) -> tuple[list[tuple[str, Ending]], list[str]]:
    """Return the sequence number and the task of each record, and the numbers of unreadable ones.

    They are logged without their content.
    """
    endings: list[tuple[str, Ending]] = []
    unreadable: list[str] = []
    for record in event["Records"]:
        change = record["dynamodb"]
        try:
            endings.append((change["SequenceNumber"], _ending(change["NewImage"])))
        except (KeyError, TypeError, ValueError):
            unreadable.append(change["SequenceNumber"])
            # There is no traceback, because it could show the content of the record.
            extra = {"task_id": change["Keys"]["task_id"]["S"]}
            logger.error("A record of the stream is unreadable", extra=extra)  # noqa: TRY400
    return endings, unreadable


def _ending(item: Mapping[str, Mapping[str, str]]) -> Ending:
    return Ending(
        task_id=item["task_id"]["S"],
        owner=item["owner"]["S"],
        url=item["webhook"]["S"],
        created_at=float(item["created_at"]["N"]),
        expires_at=float(item["expires_at"]["N"]),
        batch_id=item["batch_id"]["S"] if "batch_id" in item else None,
        traceparent=item["traceparent"]["S"] if "traceparent" in item else None,
    )
