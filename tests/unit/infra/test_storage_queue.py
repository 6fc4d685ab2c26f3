"""Unit tests of the queue in SQLite: fair order, restart, retention and settings."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from infra.local.storage.database import Database, open_database
from infra.local.storage.queue_settings import QueueSettings, queue_settings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.local.template import read_template
from tasks.messages import TaskMessage
from tests.fakes import NOW, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = QueueSettings(90, 2, "dead", 1_000)


@dataclass
class Harness:
    """A queue with its clock and a counter of notifications."""

    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    notifications: int = 0

    def __post_init__(self) -> None:
        self.queue = SqliteTaskQueue(
            self.database, "q", self.clock, settings=SETTINGS, notify=self._notify
        )
        self.dead = SqliteTaskQueue(self.database, "dead", self.clock, settings=QueueSettings())

    def _notify(self) -> None:
        self.notifications += 1

    def send(self, owner: str, count: int = 1) -> None:
        self.queue.send_bodies([owner] * count, owner)

    def receive(self, maximum: int) -> Counter[str]:
        """Receive messages and count them by owner."""
        return Counter(message.body for message in self.queue.receive(maximum))


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with closing(open_database(tmp_path)) as database:
        yield Harness(database)


def test_one_owner_with_many_messages_does_not_delay_another(harness: Harness) -> None:
    """The next batch contains the message of the second owner."""
    harness.send("many", 10_000)
    harness.receive(10)
    harness.send("one")
    assert harness.receive(10) == {"many": 9, "one": 1}


def test_owners_share_every_batch_equally(harness: Harness) -> None:
    for owner in ("a", "b", "c", "d", "e"):
        harness.send(owner, 100)
    assert set(harness.receive(10).values()) == {2}


def test_the_remainder_of_a_batch_goes_to_each_owner_in_turn(harness: Harness) -> None:
    """Ten messages for three owners are four, three and three."""
    for owner in ("a", "b", "c"):
        harness.send(owner, 100)
    batches = [harness.receive(10) for _ in range(3)]
    assert sum(batches, Counter()) == {"a": 10, "b": 10, "c": 10}


def test_every_owner_gets_a_turn_if_there_are_more_owners_than_a_batch_holds(
    harness: Harness,
) -> None:
    for number in range(25):
        harness.send(f"owner {number}", 2)
    first = sum((harness.receive(5) for _ in range(5)), Counter())
    assert set(first.values()) == {1}
    assert len(first) == 25


def test_an_owner_who_sends_again_and_again_does_not_overtake_the_others(harness: Harness) -> None:
    for owner in ("a", "b", "c"):
        harness.send(owner)
    assert harness.receive(1) == {"a": 1}
    harness.send("a")
    assert [harness.receive(1) for _ in range(3)] == [{"b": 1}, {"c": 1}, {"a": 1}]


def test_an_owner_who_sends_more_keeps_the_place_in_the_order(harness: Harness) -> None:
    for owner in ("a", "b", "a"):
        harness.send(owner)
    assert harness.receive(1) == {"a": 1}


def test_redelivered_messages_of_one_owner_do_not_delay_another(harness: Harness) -> None:
    harness.send("many", 500)
    harness.receive(500)
    harness.clock.now += 91
    harness.send("one")
    assert harness.receive(10)["one"] == 1


def test_the_messages_of_one_owner_are_received_in_the_order_of_sending(harness: Harness) -> None:
    bodies = [str(number) for number in range(25)]
    harness.queue.send_bodies(bodies, "me")
    received = [message.body for _ in range(3) for message in harness.queue.receive(10)]
    assert received == bodies


def test_the_owner_of_a_task_message_is_the_owner_of_the_task(harness: Harness) -> None:
    harness.queue.send([TaskMessage(f"t{n}", "many", {}, NOW) for n in range(100)])
    harness.queue.send([TaskMessage("single", "one", {}, NOW)])
    received = [TaskMessage.decode(message.body).owner for message in harness.queue.receive(10)]
    assert Counter(received) == {"many": 9, "one": 1}


def test_no_step_of_the_queue_scans_or_sorts_all_messages(harness: Harness) -> None:
    """The cost of a message does not depend on how many are queued."""
    harness.send("a", 100)
    harness.queue.receive(5)
    harness.clock.now += 91
    statements: list[str] = []
    with harness.database.transaction() as connection:
        connection.set_trace_callback(statements.append)
    harness.send("b", 2)
    received = harness.queue.receive(10)
    harness.queue.change_visibility(received[0].receipt_handle, 5)
    harness.queue.delete(message.receipt_handle for message in received)
    harness.queue.length()
    harness.queue.release_in_flight()
    for queue in (harness.queue, harness.dead):  # one has a ready message, the other is empty
        queue.next_visible_at()
    connection.set_trace_callback(None)
    verbs = ("SELECT", "UPDATE", "DELETE")
    traced = {statement for statement in statements if statement.strip().startswith(verbs)}
    assert len(traced) > 10
    plans = {
        statement: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        for statement in traced
    }
    assert {
        statement: plan
        for statement, plan in plans.items()
        if any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan)
    } == {}


def test_a_message_has_an_id_a_count_and_a_time(harness: Harness) -> None:
    """The id stays the same when the message is received again."""
    harness.send("a")
    [first] = harness.queue.receive(1)
    harness.clock.now += 91
    [second] = harness.queue.receive(1)
    assert first.message_id == second.message_id
    assert (first.receive_count, second.receive_count) == (1, 2)
    assert (first.sent_at, second.sent_at) == (NOW, NOW)


def test_an_id_is_never_used_twice(harness: Harness) -> None:
    """A late deletion can therefore never delete another message."""
    harness.send("a")
    [first] = harness.queue.receive(1)
    harness.queue.delete([first.receipt_handle])
    harness.send("b")
    harness.queue.receive(1)
    harness.queue.delete([first.receipt_handle])
    assert harness.queue.length() == (0, 1)


@pytest.mark.parametrize("handle", ["", "1", "x.y", "1.1.1", "1.1e"])
def test_a_malformed_receipt_handle_deletes_nothing(harness: Harness, handle: str) -> None:
    harness.send("a")
    harness.queue.receive(1)
    harness.queue.delete([handle])
    harness.queue.change_visibility(handle, 0)
    assert harness.queue.length() == (0, 1)


def test_messages_in_flight_are_visible_at_once_after_a_restart(harness: Harness) -> None:
    """Scheduled retries are, too. Receive counts stay."""
    harness.send("a", 2)
    first = harness.queue.receive(2)
    harness.queue.change_visibility(first[0].receipt_handle, 40_000)
    harness.queue.release_in_flight()
    assert [message.receive_count for message in harness.queue.receive(2)] == [2, 2]


def test_a_restart_does_not_release_the_messages_of_another_queue(harness: Harness) -> None:
    harness.send("a")
    harness.queue.receive(1)
    harness.dead.release_in_flight()
    assert harness.queue.receive(1) == []


def test_a_message_that_moved_is_counted_from_the_start_and_keeps_its_time(
    harness: Harness,
) -> None:
    harness.send("a")
    for _ in range(3):
        harness.queue.receive(1)
        harness.clock.now += 91
    [message] = harness.dead.receive(1)
    assert (message.body, message.receive_count, message.sent_at) == ("a", 1, NOW)


def test_a_receipt_handle_is_stale_after_its_message_has_moved(harness: Harness) -> None:
    harness.send("a")
    receipts = []
    for _ in range(3):
        receipts += [message.receipt_handle for message in harness.queue.receive(1)]
        harness.clock.now += 91
    harness.dead.receive(1)
    harness.queue.delete(receipts)
    assert harness.dead.length() == (0, 1)


def test_a_queue_without_a_limit_redelivers_forever(harness: Harness) -> None:
    harness.dead.send_bodies(["a"])
    counts = []
    for _ in range(50):
        counts += [message.receive_count for message in harness.dead.receive(1)]
        harness.clock.now += 31
    assert counts == list(range(1, 51))


def test_the_next_visible_message_is_known(harness: Harness) -> None:
    """Receivers wait until then."""
    assert harness.queue.next_visible_at() is None
    harness.send("a")
    assert harness.queue.next_visible_at() == NOW
    [message] = harness.queue.receive(1)
    assert harness.queue.next_visible_at() == NOW + 90
    harness.queue.change_visibility(message.receipt_handle, 3)
    assert harness.queue.next_visible_at() == NOW + 3
    harness.queue.delete([message.receipt_handle])
    assert harness.queue.next_visible_at() is None


def test_a_message_can_be_received_at_the_time_that_was_announced(harness: Harness) -> None:
    harness.send("a")
    harness.queue.receive(1)
    at = harness.queue.next_visible_at()
    assert at is not None
    harness.clock.now = at
    assert harness.receive(1) == {"a": 1}


def test_a_moving_clock_hides_no_ready_message(harness: Harness) -> None:
    """A real clock advances between two statements."""
    ticks = iter(range(100))
    queue = SqliteTaskQueue(
        harness.database, "q", lambda: NOW + next(ticks), settings=QueueSettings(90)
    )
    queue.send_bodies(["a"])
    assert [message.body for message in queue.receive(1)] == ["a"]


def test_receivers_are_notified_when_messages_may_have_become_visible(harness: Harness) -> None:
    harness.send("a")
    assert harness.notifications == 1
    [message] = harness.queue.receive(1)
    harness.queue.change_visibility(message.receipt_handle, 0)
    assert harness.notifications == 2
    harness.queue.release_in_flight()
    assert harness.notifications == 3


def test_the_length_counts_visible_messages_and_messages_in_flight(harness: Harness) -> None:
    harness.send("a", 3)
    harness.queue.receive(1)
    assert harness.queue.length() == (2, 1)
    harness.clock.now += 91
    assert harness.queue.length() == (3, 0)


def test_an_empty_send_does_nothing(harness: Harness) -> None:
    harness.queue.send([])
    assert harness.queue.next_visible_at() is None
    assert harness.notifications == 0


def test_messages_past_their_retention_are_deleted(harness: Harness) -> None:
    """The retention of each queue counts; a message that moved was sent when it was first sent."""
    harness.send("old", 2)
    harness.dead.send_bodies(["kept longer"])
    harness.clock.now += 500
    harness.send("new")
    assert harness.queue.delete_expired(NOW + 999) == 0
    assert harness.queue.delete_expired(NOW + 1_000) == 2
    assert harness.dead.delete_expired(NOW + 1_000) == 0
    assert harness.receive(10) == {"new": 1}
    assert harness.dead.length() == (1, 0)


def test_the_settings_are_those_of_the_template() -> None:
    settings = queue_settings(read_template())
    assert settings["TaskQueue"] == QueueSettings(90, 6, "DeadLetterQueue", 86_400)
    assert settings["DocumentQueue"].visibility_timeout == 720
    assert settings["DeadLetterQueue"] == QueueSettings(90, 30, "UnreadableQueue", 1_209_600)
    assert settings["UnreadableQueue"] == QueueSettings(30, None, None, 1_209_600)
