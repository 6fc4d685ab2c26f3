"""The disposition of a delivery: what happens to its task and its message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from tasks.task import Outcome

if TYPE_CHECKING:
    from random import Random

    from tasks.aws.events import Delivery

FIRST_BACKOFF: Final = 2  # seconds
UNREADABLE_BACKOFF: Final = 90  # seconds; six receives last for seven minutes of a deployment


@dataclass(frozen=True, slots=True)
class Retry:
    """The message is delivered again in that many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Continued:
    """The message is deleted: the task continues in another message, or is already final."""


Disposition = Outcome | Retry | Continued


class Commit(Enum):
    """What became of a disposition. The message is kept after NONE, and deleted otherwise."""

    WRITTEN = auto()  # the outcome is in the row
    NEEDLESS = auto()  # the task was already final, or continues in another message
    NONE = auto()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries after transient failures, with exponential backoff and jitter.

    Attributes:
        max_retries: how often a task is retried.
        random: the source of the jitter.
    """

    max_retries: int
    random: Random

    def allows_retry(self, delivery: Delivery) -> bool:
        """Whether the task has a retry left after this delivery."""
        return delivery.receive_count <= self.max_retries

    def retry(self, delivery: Delivery) -> Retry:
        """Return a retry in 2 to 3 s after the first attempt, then in twice as long each time."""
        attempt = min(delivery.receive_count, self.max_retries)
        shortest: int = FIRST_BACKOFF * 2 ** (attempt - 1)
        return Retry(shortest + self.random.randint(0, shortest // 2))
