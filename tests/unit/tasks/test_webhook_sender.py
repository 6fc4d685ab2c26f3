from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from tasks.errors import ReceiverBusy, Unavailable
from tasks.webhooks.delivery import (
    DELAYS,
    Attempt,
    DeliveryState,
    Reason,
    Reply,
    WebhookDelivery,
)
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.secret_service import SecretService
from tasks.webhooks.sender import DeliverySender, abandon
from tasks.webhooks.signing import signed_headers
from tests.fakes import NOW, FakeClock, InMemoryDeliveryQueue, InMemoryWebhookStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tasks.webhooks.ports import Post

DELIVERY = WebhookDelivery("t1", "me", "https://bar.example/hook", NOW, NOW + 86_400, NOW)
FIRST = DeliveryMessage.of(DELIVERY, NOW)
BODY = b'{"task_id":"t1"}'


@dataclass
class FakeBodies:
    """Bodies that expire on demand."""

    body: bytes | None = BODY
    reads: int = 0

    def body_of(self, _delivery: WebhookDelivery) -> bytes | None:
        self.reads += 1
        return self.body


@dataclass
class FakeReceiver:
    """A receiver with prepared replies; after the last one it accepts."""

    replies: list[Reply | ReceiverBusy] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    during_first: Callable[[], None] = lambda: None

    @contextmanager
    def admit(self, _owner: str, url: str) -> Iterator[Post]:
        reply = self.replies.pop(0) if self.replies else Reply(200)
        if isinstance(reply, ReceiverBusy):
            raise reply

        def post(headers: Mapping[str, str], body: bytes) -> Reply:
            self.requests.append((url, headers, body))
            during, self.during_first = self.during_first, lambda: None
            during()
            return reply

        yield post


class Harness:
    """A sender with fakes, and the delivery of one task."""

    def __init__(self, *replies: Reply | ReceiverBusy) -> None:
        self.store = InMemoryWebhookStore()
        self.store.create_delivery(DELIVERY)
        self.queue = InMemoryDeliveryQueue()
        self.clock = FakeClock()
        self.bodies = FakeBodies()
        self.receiver = FakeReceiver(list(replies))
        self.secrets = SecretService(self.store, self.clock)
        self.sender = DeliverySender(
            self.store,
            self.queue,
            self.secrets,
            self.bodies,
            self.receiver,
            self.clock,
            Random(1),
        )

    def deliver(self, attempt: int = 1, due: float = NOW) -> None:
        self.sender.deliver(DeliveryMessage("t1", attempt, due, "bar.example"))

    def run(self, first: DeliveryMessage = FIRST, most: int = 100) -> list[float]:
        """Deliver messages when they are due, and return when requests were made."""
        self.queue.send([first], self.clock.now)
        times: list[float] = []
        while self.queue.sent and len(times) < most:
            self.queue.sent.sort(key=lambda sent: sent[0].due)
            message, delay = self.queue.sent.pop(0)
            self.clock.now += delay
            before = len(self.receiver.requests)
            self.sender.deliver(message)
            times += [self.clock.now - NOW] * (len(self.receiver.requests) - before)
        return times

    def start_again(self) -> None:
        """Start the delivery again, a second later."""
        self.clock.now += 1
        self.store.deliveries["t1"] = self.row.restarted(self.clock.now)

    @property
    def row(self) -> WebhookDelivery:
        return self.store.deliveries["t1"]


def test_an_accepted_delivery_is_over() -> None:
    """Its row has the time and the status."""
    harness = Harness()
    harness.deliver()
    assert harness.row.state is DeliveryState.DELIVERED
    assert [(attempt.at, attempt.reply) for attempt in harness.row.attempts] == [(NOW, Reply(200))]
    assert harness.queue.sent == []


def test_a_receiver_gets_the_result_with_signed_headers() -> None:
    harness = Harness()
    harness.deliver()
    [(url, headers, body)] = harness.receiver.requests
    assert (url, body) == (DELIVERY.url, BODY)
    assert headers["content-type"] == "application/json"
    signed = signed_headers("t1", int(NOW), BODY, harness.secrets.of("me"))
    assert signed.items() <= headers.items()


def test_a_delivery_continues_the_trace_of_the_submission() -> None:
    harness = Harness()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    harness.store.deliveries["t1"] = WebhookDelivery(
        "t1", "me", DELIVERY.url, NOW, NOW + 86_400, NOW, traceparent=trace
    )
    harness.deliver()
    [(_, headers, _)] = harness.receiver.requests
    assert headers["traceparent"] == trace


def test_attempts_are_made_after_growing_delays() -> None:
    """Immediately, after 5 s, 1 min, 10 min, 1 h and 6 h; then the delivery has failed."""
    harness = Harness(*[Reply(500)] * len(DELAYS))
    times = harness.run()
    assert times == [0, 5, 65, 665, 4_265, 25_865]
    assert harness.row.state is DeliveryState.FAILED
    assert [attempt.reply.status for attempt in harness.row.attempts] == [500] * 6


def test_a_receiver_that_fails_twice_gets_a_third_attempt() -> None:
    harness = Harness(Reply(500), Reply(reason=Reason.TIMEOUT))
    assert harness.run() == [0, 5, 65]
    assert harness.row.state is DeliveryState.DELIVERED


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failed_attempt(status: int) -> None:
    harness = Harness(Reply(status))
    harness.deliver()
    assert harness.row.state is DeliveryState.PENDING


def test_status_410_ends_the_attempts() -> None:
    harness = Harness(Reply(410))
    assert harness.run() == [0]
    assert harness.row.state is DeliveryState.FAILED


def test_a_message_that_is_not_due_is_sent_again() -> None:
    """A queue delays by at most 15 minutes, so a long delay takes several messages."""
    harness = Harness()
    harness.deliver(due=NOW + 3_600)
    assert harness.receiver.requests == []
    assert harness.queue.sent == [(DeliveryMessage("t1", 1, NOW + 3_600, "bar.example"), 900)]


def test_the_message_of_an_attempt_that_was_made_is_ignored() -> None:
    """A queue may deliver a message twice."""
    harness = Harness(Reply(500))
    harness.deliver()
    harness.deliver()
    assert len(harness.receiver.requests) == 1
    assert len(harness.queue.sent) == 1


@pytest.mark.parametrize("end", [Reply(200), Reply(410)])
def test_a_delivery_that_is_over_is_not_attempted(end: Reply) -> None:
    harness = Harness(end)
    harness.deliver()
    harness.deliver(attempt=2)
    assert len(harness.receiver.requests) == 1


def test_a_message_without_a_row_is_ignored() -> None:
    """The row has expired."""
    harness = Harness()
    harness.store.deliveries.clear()
    harness.deliver()
    assert harness.receiver.requests == []


def test_the_next_message_is_sent_before_the_attempt_is_written() -> None:
    """If the queue does not answer, the attempt is made again."""
    harness = Harness(Reply(500), Reply(200))
    harness.queue.unavailable = True
    with pytest.raises(Unavailable):
        harness.deliver()
    assert harness.row == DELIVERY
    harness.queue.unavailable = False
    harness.deliver()
    assert harness.row.state is DeliveryState.DELIVERED


def test_an_unavailable_table_leaves_the_message_in_the_queue() -> None:
    harness = Harness()
    harness.store.unavailable = True
    with pytest.raises(Unavailable):
        harness.deliver()
    assert harness.receiver.requests == []


def test_a_busy_receiver_postpones_the_attempt() -> None:
    """The attempt keeps its number."""
    harness = Harness(ReceiverBusy())
    harness.deliver()
    assert harness.row == DELIVERY
    [(message, delay)] = harness.queue.sent
    assert message.attempt == 1
    assert 15 <= delay <= 45


def test_a_busy_receiver_costs_one_read_of_the_table() -> None:
    """That of the delivery: the body and the secrets are read once the request is admitted."""
    harness = Harness(ReceiverBusy())
    harness.deliver()
    assert harness.bodies.reads == 0
    assert harness.store.secrets == {}


@pytest.mark.parametrize("lifetime", [86_400, 3_600])
def test_a_delivery_that_is_postponed_to_its_end_fails(lifetime: float) -> None:
    """It ends after a day, or when its result expires, while its owner can still see it."""
    harness = Harness(ReceiverBusy())
    harness.store.deliveries["t1"] = replace(DELIVERY, expires_at=NOW + lifetime)
    harness.clock.now = NOW + lifetime - 10
    harness.deliver()
    assert harness.row.state is DeliveryState.FAILED
    assert harness.row.attempts[-1].reply.reason == Reason.RECEIVER_BUSY
    assert harness.queue.sent == []


@pytest.mark.parametrize(("lifetime", "attempts"), [(600, 3), (665, 3), (666, 4)])
def test_a_delivery_fails_with_its_last_attempt_before_the_result_expires(
    lifetime: float, attempts: int
) -> None:
    """The fourth attempt is made after 665 seconds."""
    harness = Harness(*[Reply(500)] * len(DELAYS))
    harness.store.deliveries["t1"] = replace(DELIVERY, expires_at=NOW + lifetime)
    assert len(harness.run()) == attempts
    assert harness.row.state is DeliveryState.FAILED
    assert harness.row.attempts[-1].reply == Reply(500)


def test_a_message_that_is_a_day_late_is_delivered_all_the_same() -> None:
    harness = Harness()
    harness.store.deliveries["t1"] = replace(DELIVERY, expires_at=NOW + 86_401)
    harness.clock.now = NOW + 86_400
    harness.deliver()
    assert harness.row.state is DeliveryState.DELIVERED


def test_no_result_is_delivered_after_its_expiry() -> None:
    """The key of an expired batch may belong to another batch."""
    harness = Harness()
    harness.clock.now = DELIVERY.expires_at
    harness.deliver()
    assert harness.row.attempts[-1].reply.reason == Reason.RESULT_EXPIRED
    assert harness.bodies.reads == 0


def test_an_attempt_that_another_process_recorded_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A queue may deliver a message to two processes."""
    caplog.set_level("INFO")
    harness = Harness()
    recorded = DELIVERY.after(1, Attempt(NOW, Reply(500)))
    harness.receiver.during_first = lambda: harness.store.deliveries.update(t1=recorded)
    harness.deliver()
    assert harness.row == recorded
    assert "Attempted a delivery" not in caplog.messages


@pytest.mark.parametrize("reply", [Reply(200), Reply(410), Reply(500)])
def test_an_attempt_is_listed_although_the_delivery_starts_again_meanwhile(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not end the delivery, and takes none of the new attempts."""
    caplog.set_level("INFO")
    harness = Harness(reply, *[Reply(500)] * (len(DELAYS) - 1), Reply(204))
    harness.receiver.during_first = harness.start_again
    harness.deliver()
    assert harness.row.attempts == (Attempt(NOW, reply),)
    assert [record.attempt for record in caplog.records if hasattr(record, "attempt")] == [1]
    harness.run(DeliveryMessage.of(harness.row, harness.clock.now))
    statuses = [attempt.reply.status for attempt in harness.row.attempts]
    assert statuses == [reply.status, *[500] * (len(DELAYS) - 1), 204]
    assert harness.row.state is DeliveryState.DELIVERED


def test_an_attempt_that_ends_after_its_successors_is_listed_in_its_place() -> None:
    harness = Harness(Reply(reason=Reason.TIMEOUT), Reply(204))

    def during() -> None:
        harness.start_again()
        harness.deliver(attempt=harness.row.number)

    harness.receiver.during_first = during
    harness.deliver()
    replies = [attempt.reply for attempt in harness.row.attempts]
    assert replies == [Reply(reason=Reason.TIMEOUT), Reply(204)]
    assert harness.row.state is DeliveryState.DELIVERED


def test_an_attempt_whose_record_was_answered_too_late_is_listed_once() -> None:
    """The table's answer was lost, and the delivery was started again before the repetition."""
    harness = Harness(Reply(200))
    recorded = DELIVERY.after(1, Attempt(NOW, Reply(200))).restarted(NOW + 1)
    harness.receiver.during_first = lambda: harness.store.deliveries.update(t1=recorded)
    harness.deliver()
    assert harness.row == recorded


def test_an_attempt_is_recorded_although_an_earlier_one_is_listed_meanwhile() -> None:
    harness = Harness(Reply(500))
    earlier = Attempt(NOW - 1, Reply(reason=Reason.TIMEOUT))

    def during() -> None:
        harness.store.deliveries["t1"] = harness.row.with_earlier(earlier)

    harness.receiver.during_first = during
    harness.deliver()
    assert harness.row.attempts == (earlier, Attempt(NOW, Reply(500)))
    assert (harness.row.number, harness.row.version) == (2, 3)


def test_an_attempt_that_others_keep_from_being_recorded_is_made_again() -> None:
    """Its message stays in the queue."""
    harness = Harness()
    harness.store.is_contended = True
    with pytest.raises(Unavailable):
        harness.deliver()


def test_a_delivery_that_expires_during_an_attempt_stays_deleted() -> None:
    harness = Harness()
    harness.receiver.during_first = harness.store.deliveries.clear
    harness.deliver()
    assert harness.store.deliveries == {}


def test_a_delivery_without_a_result_fails() -> None:
    """Its task has expired."""
    harness = Harness()
    harness.bodies.body = None
    harness.deliver()
    assert harness.row.state is DeliveryState.FAILED
    assert harness.row.attempts[-1].reply.reason == Reason.RESULT_EXPIRED
    assert harness.receiver.requests == []


def test_an_abandoned_attempt_is_recorded_and_the_next_one_follows() -> None:
    """The reaper does this when a message was received too often."""
    harness = Harness()
    message = DeliveryMessage("t1", 1, NOW, "bar.example")
    assert abandon(harness.store, harness.queue, message, NOW) is True
    assert harness.row.state is DeliveryState.PENDING
    assert harness.row.attempts[-1].reply.reason == Reason.SENDER_LOST
    assert harness.queue.sent == [(DeliveryMessage("t1", 2, NOW + 5, "bar.example"), 5)]


def test_an_attempt_that_was_made_is_not_abandoned() -> None:
    harness = Harness(Reply(500))
    harness.deliver()
    message = DeliveryMessage("t1", 1, NOW, "bar.example")
    assert abandon(harness.store, harness.queue, message, NOW) is False
    assert len(harness.row.attempts) == len(harness.queue.sent) == 1


def test_a_delivery_whose_last_attempt_is_abandoned_fails() -> None:
    harness = Harness(*[Reply(500)] * 5)
    harness.run(most=5)
    [(message, _)] = harness.queue.sent
    harness.queue.sent.clear()
    assert abandon(harness.store, harness.queue, message, harness.clock.now) is True
    assert harness.row.state is DeliveryState.FAILED
    assert harness.queue.sent == []


def test_a_delivery_that_is_abandoned_after_a_day_fails() -> None:
    harness = Harness()
    message = DeliveryMessage("t1", 1, NOW, "bar.example")
    assert abandon(harness.store, harness.queue, message, NOW + 86_400) is True
    assert harness.row.state is DeliveryState.FAILED
    assert harness.queue.sent == []


def test_an_attempt_is_not_abandoned_if_its_successor_cannot_be_sent() -> None:
    """The reaper keeps the message, and tries again."""
    harness = Harness()
    harness.queue.unavailable = True
    message = DeliveryMessage("t1", 1, NOW, "bar.example")
    with pytest.raises(Unavailable):
        abandon(harness.store, harness.queue, message, NOW)
    assert harness.row == DELIVERY


def test_a_delivery_that_is_started_again_has_all_attempts() -> None:
    """The earlier ones stay in the list."""
    harness = Harness(*[Reply(500)] * (2 * len(DELAYS) - 1))
    harness.run()
    harness.store.deliveries["t1"] = restarted = harness.row.restarted(harness.clock.now)
    assert len(harness.run(DeliveryMessage.of(restarted, harness.clock.now))) == len(DELAYS)
    assert harness.row.state is DeliveryState.DELIVERED
    assert len(harness.row.attempts) == 2 * len(DELAYS)
