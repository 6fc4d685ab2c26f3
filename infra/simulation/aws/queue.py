"""A standard queue of SQS."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from infra.local.event_source import Message as Received
from infra.simulation.aws.errors import ServiceError
from infra.simulation.scheduler import Signal

if TYPE_CHECKING:
    from infra.simulation.scheduler import Scheduler

MAX_BATCH: Final = 10  # entries
MAX_BYTES: Final = 256 * 1024  # of a message, and of a batch
MAX_DELAY: Final = 900  # seconds
MAX_GROUP: Final = 128  # characters
MAX_VISIBILITY: Final = 43_200  # seconds


@dataclass(slots=True)
class Message:
    """A message in a queue; `receipt` belongs to its last receive."""

    message_id: str
    body: str
    group: str
    sent_at: float
    visible_at: float
    receive_count: int = 0
    receipt: str = ""
    deleted: bool = False


class QueueObserver(Protocol):
    """Is told of all changes of the queues."""

    def sent(self, queue: str, message: Message) -> None:
        """Note that a message is in a queue."""

    def received(self, queue: str, message: Message) -> None:
        """Note a receive."""

    def repeated(self, queue: str, message: Message) -> None:
        """Note that a received message stays visible."""

    def changed(self, queue: str, message: Message, seconds: float) -> None:
        """Note a change of the visibility timeout."""

    def deleted(self, queue: str, message: Message) -> None:
        """Note a deletion."""

    def moved(self, queue: str, target: str, message: Message) -> None:
        """Note that a message moved to a dead-letter queue."""

    def expired(self, queue: str, message: Message) -> None:
        """Note that a message is older than the retention period of its queue."""


class NullObserver:
    """An observer that notes nothing."""

    def sent(self, queue: str, message: Message) -> None:
        """Ignore it."""

    received = repeated = deleted = expired = sent

    def changed(self, queue: str, message: Message, seconds: float) -> None:
        """Ignore it."""

    def moved(self, queue: str, target: str, message: Message) -> None:
        """Ignore it."""


class Deliveries(Protocol):
    """Decides how a queue delivers, within what SQS allows."""

    def delay(self) -> float:
        """Return the seconds until a message that was sent can be received."""

    def pick(self, visible: int) -> int:
        """Return the index of the message to deliver next."""

    def repeats(self) -> bool:
        """Whether a received message stays visible, and is thus received twice."""

    def returns(self) -> float | None:
        """Return after how many seconds a deleted message is delivered again, or None."""


class InOrder:
    """Deliveries without delay and repetition."""

    def delay(self) -> float:
        """Return 0."""
        return 0.0

    def pick(self, visible: int) -> int:  # noqa: ARG002 - part of the protocol
        """Return the first."""
        return 0

    def repeats(self) -> bool:
        """Return False."""
        return False

    def returns(self) -> float | None:
        """Return None."""
        return None


@dataclass(slots=True)
class Queue:
    """A queue. Times are in seconds.

    Attributes:
        scheduler: the time.
        name: the name of the queue.
        visibility: the visibility timeout.
        retention: how long a message is kept, from its first send on.
        max_receives: after how many receives a message moves to `dead`.
        dead: the dead-letter queue, or None.
        observer: is told of all changes.
        deliveries: decides the order and repetition of deliveries.
        arrivals: resumes a process that waits for a message.
    """

    scheduler: Scheduler
    name: str
    visibility: float = 30
    retention: float = 345_600
    max_receives: int = 0
    dead: Queue | None = None
    observer: QueueObserver = field(default_factory=NullObserver)
    deliveries: Deliveries = field(default_factory=InOrder)
    arrivals: Signal = field(default_factory=Signal)
    messages: dict[str, Message] = field(default_factory=dict)
    _visible: dict[str, Message] = field(default_factory=dict)
    _numbers: int = 0

    def send(self, body: str, group: str = "", delay: int = 0) -> str:
        """Put a message in the queue, visible after a delay in seconds, and return its id."""
        if not body or len(body.encode()) > MAX_BYTES:
            raise ServiceError("InvalidParameterValue", "A message has 1 byte to 256 KB.")
        if len(group) > MAX_GROUP:
            raise ServiceError("InvalidParameterValue", "The MessageGroupId is too long.")
        if not 0 <= delay <= MAX_DELAY:
            raise ServiceError("InvalidParameterValue", "A delay has at most 900 seconds.")
        self._numbers += 1
        now = self.scheduler.now
        message = Message(f"{self.name}-{self._numbers}", body, group, now, now)
        self.observer.sent(self.name, message)
        self.add(message, now + delay + self.deliveries.delay())
        return message.message_id

    def add(self, message: Message, visible_at: float) -> None:
        """Put a message in the queue that can be received from a time on."""
        self.messages[message.message_id] = message
        self._show_at(message, visible_at)

    def _show_at(self, message: Message, when: float) -> None:
        message.visible_at = when
        self._visible.pop(message.message_id, None)
        if when <= self.scheduler.now:
            self._show(message)
        else:
            self.scheduler.at(when, lambda: self._show(message))

    def _show(self, message: Message) -> None:
        if not message.deleted and message.visible_at <= self.scheduler.now:
            self._visible[message.message_id] = message
            self.arrivals.notify()

    def receive(self, most: int) -> list[Received]:
        """Receive up to ten visible messages; move those that were received too often."""
        found: list[Received] = []
        repeated: list[Message] = []
        while self._visible and len(found) < min(most, MAX_BATCH):
            index = self.deliveries.pick(len(self._visible))
            message = self._visible.pop(next(islice(self._visible, index, None)))
            if message.sent_at + self.retention <= self.scheduler.now:
                self._remove(message)
                self.observer.expired(self.name, message)
            elif self.dead is not None and message.receive_count >= self.max_receives:
                self._move(message, self.dead)
            else:
                found.append(self._receive(message))
                if self.deliveries.repeats():
                    repeated.append(message)
        for message in repeated:
            self.observer.repeated(self.name, message)
            self._show_at(message, self.scheduler.now)
        if self._visible:
            self.arrivals.notify()
        return found

    def _receive(self, message: Message) -> Received:
        message.receive_count += 1
        message.receipt = f"{message.message_id}#{message.receive_count}"
        self._show_at(message, self.scheduler.now + self.visibility)
        self.observer.received(self.name, message)
        return Received(
            message.message_id,
            message.receipt,
            message.body,
            message.receive_count,
            message.sent_at,
        )

    def _move(self, message: Message, dead: Queue) -> None:
        self._remove(message)
        self.observer.moved(self.name, dead.name, message)
        moved = Message(
            message.message_id, message.body, message.group, message.sent_at, self.scheduler.now
        )
        dead.add(moved, self.scheduler.now)

    def _remove(self, message: Message) -> None:
        message.deleted = True
        del self.messages[message.message_id]
        self._visible.pop(message.message_id, None)

    def change_visibility(self, receipt: str, seconds: int) -> None:
        """Make a message that is in flight visible in that many seconds."""
        if not 0 <= seconds <= MAX_VISIBILITY:
            raise ServiceError("InvalidParameterValue", "The visibility timeout is out of range.")
        message = self.messages.get(receipt.rpartition("#")[0])
        if message is None or message.receipt != receipt:
            raise ServiceError("ReceiptHandleIsInvalid")
        if message.message_id in self._visible:
            raise ServiceError("MessageNotInflight")
        self.observer.changed(self.name, message, seconds)
        self._show_at(message, self.scheduler.now + seconds)

    def delete(self, receipt: str) -> None:
        """Delete a message; an old receipt handle deletes nothing."""
        message = self.messages.get(receipt.rpartition("#")[0])
        if message is None or message.receipt != receipt:
            return
        self._remove(message)
        self.observer.deleted(self.name, message)
        if (seconds := self.deliveries.returns()) is not None:
            message.deleted = False
            self.messages[message.message_id] = message
            self._show_at(message, self.scheduler.now + seconds)

    def lengths(self) -> tuple[int, int]:
        """Return how many messages are visible, and how many are in flight."""
        return len(self._visible), len(self.messages) - len(self._visible)
