"""Makes the attempts of deliveries."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tasks.errors import ReceiverBusy, Unavailable
from tasks.webhooks.delivery import Attempt, DeliveryState, Reason, Reply
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.webhooks.delivery import WebhookDelivery
    from tasks.webhooks.ports import BodySource, DeliveryQueue, DeliveryStore, Receiver
    from tasks.webhooks.secret_service import SecretService

POSTPONED: Final = (15.0, 45.0)  # seconds until a message is tried again whose receiver is busy
USER_AGENT: Final = "Barback-Webhooks/1"
MAX_TRIES: Final = 5  # to write an attempt to a row that others change

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliverySender:
    """Makes one attempt of a delivery for each message.

    The message of the next attempt is sent before this attempt is written to the row. If the
    process crashes in between, the message of this attempt is redelivered, and the receiver may
    get the delivery twice, with the same `webhook-id`.
    """

    store: DeliveryStore
    queue: DeliveryQueue
    secrets: SecretService
    bodies: BodySource
    receiver: Receiver
    clock: Callable[[], float]
    random: random.Random = field(default_factory=random.SystemRandom)

    def deliver(self, message: DeliveryMessage) -> None:
        """Make the attempt of a message, or send the message again if it is not due yet.

        The message can be deleted afterwards, but not if this raises an error.

        Raises:
            Unavailable: the table or the queue did not answer.
        """
        delivery = self.store.get_delivery(message.delivery_id)
        if delivery is None or not delivery.awaits(message.attempt):
            return
        now = self.clock()
        if message.due > now:
            self.queue.send([message], now)
            return
        attempt = self._attempt(delivery)
        if attempt is None:
            later = replace(message, due=now + self.random.uniform(*POSTPONED))
            if later.due < delivery.ends_at:
                self.queue.send([later], now)
                return
            attempt = Attempt(now, Reply(reason=Reason.RECEIVER_BUSY))
        updated = delivery.after(message.attempt, attempt)
        _record(self.store, self.queue, delivery, updated, self.clock())

    def _attempt(self, delivery: WebhookDelivery) -> Attempt | None:
        """Make an attempt; return None if the receiver is busy, before anything else is read."""
        try:
            with self.receiver.admit(delivery.owner, delivery.url) as post:
                started = self.clock()
                # The key of a batch may have been used again since then.
                has_expired = started >= delivery.expires_at
                body = None if has_expired else self.bodies.body_of(delivery)
                if body is None:
                    return Attempt(started, Reply(reason=Reason.RESULT_EXPIRED))
                return Attempt(started, post(self._headers(delivery, body, int(started)), body))
        except ReceiverBusy:
            return None

    def _headers(self, delivery: WebhookDelivery, body: bytes, timestamp: int) -> dict[str, str]:
        secrets = self.secrets.of(delivery.owner)
        headers = {"content-type": "application/json", "user-agent": USER_AGENT}
        headers |= signed_headers(delivery.delivery_id, timestamp, body, secrets)
        if delivery.traceparent is not None:
            headers["traceparent"] = delivery.traceparent
        return headers


def abandon(
    store: DeliveryStore, queue: DeliveryQueue, message: DeliveryMessage, now: float
) -> bool:
    """Record that an attempt was never finished, and send the message of the next one, if any.

    Returns whether the attempt was still to be made.

    Raises:
        Unavailable: the table or the queue did not answer.
    """
    delivery = store.get_delivery(message.delivery_id)
    if delivery is None or not delivery.awaits(message.attempt):
        return False
    attempt = Attempt(now, Reply(reason=Reason.SENDER_LOST))
    _record(store, queue, delivery, delivery.after(message.attempt, attempt), now)
    return True


def _record(
    store: DeliveryStore,
    queue: DeliveryQueue,
    read: WebhookDelivery,
    updated: WebhookDelivery,
    now: float,
) -> None:
    """Send the message of the next attempt, if any, and then write the last one to the row.

    If the delivery was started again meanwhile, the attempt is only listed.
    """
    if updated.state is DeliveryState.PENDING:
        queue.send([DeliveryMessage.of(updated, now + updated.delay)], now)
    merged = updated
    for _ in range(MAX_TRIES):
        if store.replace_delivery(merged, read):
            _log(updated, merged.state)
            return
        current = store.get_delivery(read.delivery_id)
        if current is None or (found := current.merged(updated)) is None:
            return
        read, merged = current, found
    raise Unavailable("The delivery changes too often.")


def _log(delivery: WebhookDelivery, state: DeliveryState) -> None:
    """Log the last attempt, without the URL, which may contain a secret."""
    reply = delivery.attempts[-1].reply
    extra = {
        "task_id": delivery.delivery_id,
        "attempt": delivery.number - 1,
        "state": state,
        "status": reply.status,
        "reason": reply.reason,
    }
    logger.info("Attempted a delivery", extra=extra)
