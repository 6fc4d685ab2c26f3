"""Broken variants of the webhooks."""
# ruff: noqa: D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from functions.reaper.reaper import Reaper
from functions.webhooks.bodies import ResultBodies
from functions.webhooks.outbox import Outbox
from functions.webhooks.stream import StreamReader
from tasks.aws.events import read_messages
from tasks.aws.stream import read_stream
from tasks.aws.webhooks import DynamoWebhookStore, SqsDeliveryQueue
from tasks.webhooks.delivery import Attempt, DeliveryState, Reason, Reply
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.sender import DeliverySender
from tasks.webhooks.service import DeliveryService
from tasks.webhooks.start import DeliveryStarter, Ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.messages import TaskMessage
    from tasks.task import Task
    from tasks.webhooks.delivery import WebhookDelivery


class ForgetsMessage(DeliveryStarter):
    def start(self, ending: Ending) -> bool:
        now = self.clock()
        self.deliveries.create_delivery(ending.delivery(now))
        return True


class StartsOnlyNewRows(DeliveryStarter):
    def start(self, ending: Ending) -> bool:
        if self.deliveries.get_delivery(ending.delivery_id) is not None:
            return True
        return super().start(ending)


class StartsEarly(DeliveryStarter):
    def _has_ended(self, _batch_id: str) -> bool:
        return True


class DeliversEachTask(DeliveryStarter):
    def start(self, ending: Ending) -> bool:
        return super().start(dataclasses.replace(ending, batch_id=None))


class ReportsNoFailure(StreamReader):
    def run(self, event: Any) -> list[str]:
        super().run(event)
        return []


class StartsFirst(StreamReader):
    def run(self, event: Any) -> list[str]:
        endings, _ = read_stream(event)
        for _, ending in endings[:1]:
            self.starter.start(ending)
        return []


class KeepsNothing(Outbox):
    def run(self, event: object, remaining: Any) -> list[str]:
        super().run(event, remaining)
        return []


class DeletesUnreadable(Outbox):
    def run(self, event: object, remaining: Any) -> list[str]:
        _, unreadable = read_messages(event, DeliveryMessage.decode)
        return [kept for kept in super().run(event, remaining) if kept not in unreadable]


class SendsNothing(DeliverySender):
    def deliver(self, message: DeliveryMessage) -> None:
        delivery = self.store.get_delivery(message.delivery_id)
        if delivery is not None and delivery.awaits(message.attempt):
            ended = delivery.after(message.attempt, Attempt(self.clock(), Reply(204)))
            self.store.replace_delivery(ended, delivery)


class Discarding:
    def send(self, _messages: Sequence[DeliveryMessage], _now: float) -> None:
        """Forget the messages."""


class NeverRetries(DeliverySender):
    def deliver(self, message: DeliveryMessage) -> None:
        silent = dataclasses.replace(self, queue=Discarding())
        DeliverySender.deliver(silent, message)


class ReaperEndsDeliveries(Reaper):
    def _end(self, message: TaskMessage | DeliveryMessage) -> None:
        if not isinstance(message, DeliveryMessage):
            super()._end(message)
            return
        delivery = self.webhooks.get_delivery(message.delivery_id)
        if delivery is not None and delivery.awaits(message.attempt):
            attempt = Attempt(self.clock(), Reply(reason=Reason.SENDER_LOST))
            lost = delivery.after(message.attempt, attempt)
            ended = dataclasses.replace(lost, state=DeliveryState.FAILED)
            self.webhooks.replace_delivery(ended, delivery)


class SignsWithAnotherSecret(DeliverySender):
    def _headers(self, delivery: WebhookDelivery, body: bytes, timestamp: int) -> dict[str, str]:
        stranger = dataclasses.replace(delivery, owner="stranger")
        return super()._headers(stranger, body, timestamp)


class RestartsNothing(DeliveryService):
    def restart(self, task: Task) -> WebhookDelivery:
        found = self.find(task)
        if found is None:
            return super().restart(task)
        return dataclasses.replace(found, state=DeliveryState.PENDING)


class RestartsInSilence(DeliveryService):
    def restart(self, task: Task) -> WebhookDelivery:
        silent = dataclasses.replace(self, queue=Discarding())
        return DeliveryService.restart(silent, task)


class ListsNothing(DynamoWebhookStore):
    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        is_listing = (delivery.number, delivery.started_at) == (read.number, read.started_at)
        return True if is_listing else super().replace_delivery(delivery, read)


class IgnoresGone(DynamoWebhookStore):
    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        if delivery.attempts[-1].reply.status == 410:  # noqa: PLR2004
            delivery = dataclasses.replace(delivery, state=DeliveryState.PENDING)
        return super().replace_delivery(delivery, read)


class RetriesForever(DynamoWebhookStore):
    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        found = super().get_delivery(delivery_id)
        if found is None:
            return None
        return dataclasses.replace(found, first=max(found.first, found.number - 4))


class ForgetsAttempts(DynamoWebhookStore):
    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        found = super().get_delivery(delivery_id)
        return found and dataclasses.replace(found, state=DeliveryState.PENDING, number=1)


class SendsAtOnce(SqsDeliveryQueue):
    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        super().send([dataclasses.replace(message, due=now) for message in messages], now)


class SendsLate(SqsDeliveryQueue):
    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        late = [dataclasses.replace(each, due=each.due + 600) for each in messages]
        super().send(late if all(each.due <= now for each in messages) else messages, now)


class SendsSubmission(ResultBodies):
    def _task(self, delivery: WebhookDelivery) -> dict[str, Any] | None:
        found = super()._task(delivery)
        return found and {**found, "status": "PROCESSING"}


class SendsLinks(ResultBodies):
    def body_of(self, delivery: WebhookDelivery) -> bytes | None:
        body = super().body_of(delivery)
        return body and b'{"url_result":"/api/result/"}'
