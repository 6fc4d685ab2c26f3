"""The queue message of one attempt of a delivery."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.errors import MessageUnreadable
from tasks.failure_log import trace_fields
from tasks.messages import LATEST_DEADLINE, parse
from tasks.webhooks.receivers import receiver_of

if TYPE_CHECKING:
    from typing import Any

    from tasks.webhooks.delivery import WebhookDelivery

DELIVERY_VERSION: Final = 1
MAX_DELAY: Final = 900  # seconds by which a queue can delay a message
MARK: Final = "delivery"  # the field by which a message differs from that of a task


@dataclass(frozen=True, slots=True)
class DeliveryMessage:
    """When to make an attempt of a delivery. The row has everything else.

    Attributes:
        delivery_id: the id of the delivery.
        attempt: the number of the attempt.
        due: in seconds since the epoch. A queue delays a message by at most 15 minutes, so it is
            sent again until then.
        host: the receiver's host and, if its URL has one, its port; its messages are a group.
    """

    delivery_id: str
    attempt: int
    due: float
    host: str

    @classmethod
    def of(cls, delivery: WebhookDelivery, due: float) -> DeliveryMessage:
        """Return the message of the next attempt of a delivery."""
        return cls(delivery.delivery_id, delivery.number, due, receiver_of(delivery.url))

    @property
    def trace_fields(self) -> dict[str, str]:
        """The fields of a log line about the attempt."""
        return trace_fields(self.delivery_id, None)

    def delay(self, now: float) -> int:
        """Return the whole seconds until the attempt is due, as far as a queue can delay it."""
        return min(MAX_DELAY, max(0, math.ceil(self.due - now)))

    def encode(self) -> str:
        """Return the message as compact JSON."""
        body = {
            "version": DELIVERY_VERSION,
            MARK: self.delivery_id,
            "attempt": self.attempt,
            "due": self.due,
            "host": self.host,
        }
        return json.dumps(body, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> DeliveryMessage:
        """Read a message from its JSON.

        Raises:
            MessageUnreadable: the text is not a message of a known version.
        """
        body = parse(text)
        if not is_delivery(body) or body.get("version") != DELIVERY_VERSION:
            raise MessageUnreadable(f"The message has no delivery of version {DELIVERY_VERSION}.")
        delivery_id, attempt, due, host = (body.get(n) for n in (MARK, "attempt", "due", "host"))
        are_texts = isinstance(delivery_id, str) and isinstance(host, str)
        if not are_texts or type(attempt) is not int or type(due) not in (int, float):
            raise MessageUnreadable("A field of the delivery is missing or has the wrong type.")
        if attempt < 1 or not 0 <= due <= LATEST_DEADLINE:
            raise MessageUnreadable("The attempt or its time is out of range.")
        return cls(delivery_id, attempt, float(due), host)


def is_delivery(body: Any) -> bool:
    """Whether a parsed message is that of a delivery, of any version."""
    return isinstance(body, dict) and MARK in body
