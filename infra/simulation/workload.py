"""The workload: what callers do, drawn from the seed before the round begins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from typing import Final

from infra.simulation.model import (
    ADDITIVES,
    AVERSION,
    BASES,
    GROUPS,
    MODEL_KINDS,
    POISON,
    RARE,
    SICKNESS,
    input_of,
)
from infra.simulation.receivers import URLS
from suggester.requests import Request
from tasks.submission import Submission
from tasks.task import Lane

OWNERS: Final = ("ann", "bob", "eve")
REQUESTS: Final = 48  # different drinks of a workload
GROUPED: Final = 8  # every eighth of them excludes a group
WITH_WEBHOOK: Final = 0.3  # share of the operations; they have metadata, too
REDELIVERED: Final = 0.3  # share of these operations
REDELIVERIES: Final = (5.0, 60.0, 300.0, 40_000.0)  # seconds
POISONED: Final = 0.02  # share of the drinks that crash the model, or make it return NaN
SEVERAL: Final = 0.2  # share of the drinks that are asked for several kinds
DOCUMENTS: Final = (0.02, 0.05, 0.3)  # share of the operations; each workload has another
SOURCES: Final = ("upload", "upload", "lines", "upload", "other", "upload")  # of documents in turn
LARGEST_ARRAY: Final = 100
LONGEST_DOCUMENT: Final = 120  # lines
SHORT_DEADLINES: Final = (1, 5, 30, 120)  # seconds
KINDS_OF_LINES: Final = ("drink",) * 12 + ("blank", "unknown", "sick")


@dataclass(frozen=True, slots=True)
class Document:
    """A document and its later version; `overwritten_after` is in seconds, or None.

    `source` is `upload`, `lines` (in the request itself) or `other` (a bucket of others).
    """

    content: bytes
    later_content: bytes
    overwritten_after: float | None
    missing: bool = False
    source: str = "upload"

    @property
    def lines(self) -> list[str]:
        """The lines, as a request has them."""
        return self.content.decode().splitlines()


@dataclass(frozen=True, slots=True)
class Operation:
    """A submission by a caller, and what happens to it later. Times are in seconds.

    Attributes:
        at: when it begins.
        owner: who submits.
        submissions: the tasks, except for a document.
        document: the document, or None.
        key: the idempotency key, or "".
        replays: when the same request is sent again, after the first one began.
        with_other_body: whether a replay with another body follows.
        cancelled_after: when its first task is cancelled after its acceptance, or None.
        retried_after: when its first task is retried after its acceptance.
        redelivered_after: when its delivery is started again, after its acceptance.
        batch_cancelled_after: when its batch is cancelled after its acceptance, often twice.
        listed_after: when its owner lists all tasks, after its acceptance, or None.
        intruded_after: when another owner asks for its tasks, or None.
        polling: `poll`, `wait` (long polling), `batch` or `never`.
    """

    at: float
    owner: str
    submissions: tuple[Submission, ...]
    document: Document | None
    key: str
    replays: tuple[float, ...]
    with_other_body: bool
    cancelled_after: float | None
    retried_after: tuple[float, ...]
    redelivered_after: tuple[float, ...]
    batch_cancelled_after: tuple[float, ...]
    listed_after: float | None
    intruded_after: float | None
    polling: str


class WorkloadGenerator:
    """Draws operations.

    Args:
        random: what is left to chance.
        seconds: within how many seconds all operations begin.
    """

    def __init__(self, random: Random, seconds: float) -> None:
        self._random = random
        self._seconds = seconds
        self._webhooks = Random(f"webhooks {seconds}")  # so that they change nothing else
        self._documents = random.choice(DOCUMENTS)
        self._sources = cycle(SOURCES)
        self._keys: Counter[str] = Counter()  # used by each owner
        self._requests = [_with_group(self._request(), number) for number in range(REQUESTS)]

    def operations(self, tasks: int) -> list[Operation]:
        """Return operations with this many tasks in total, in the order of their start."""
        operations: list[Operation] = []
        while tasks > 0:
            operation = self._operation(tasks)
            tasks -= len(operation.submissions)
            operations.append(operation)
        return sorted(operations, key=lambda operation: operation.at)

    def _operation(self, most: int) -> Operation:
        random = self._random
        document = self._document() if self._happens(self._documents) else None
        if document is None:
            size = min(most, self._size())
            submissions = tuple(self._submission() for _ in range(size))
        else:
            submissions = (Submission({}, Lane.DOCUMENT, self._deadline(0.02)),)
        if self._webhooks.random() < WITH_WEBHOOK:
            url = self._webhooks.choice(URLS)
            submissions = tuple(
                replace(submission, webhook=url, metadata={"webhook": url})
                for submission in submissions
            )
        owner = random.choice(OWNERS)
        key = ""
        if self._happens(0.4) and len(submissions) < LARGEST_ARRAY:
            self._keys[owner] += 1  # owners use the same keys
            key = f"key{self._keys[owner]}"
        cancelled = self._moment() if self._happens(0.12) else None
        replayed = bool(key) and self._happens(0.3)
        return Operation(
            at=random.uniform(0, self._seconds),
            owner=owner,
            submissions=submissions,
            document=document,
            key=key,
            replays=tuple(self._moment() for _ in range(random.randint(1, 2))) if replayed else (),
            with_other_body=replayed and document is None and self._happens(0.3),
            cancelled_after=cancelled,
            retried_after=self._retries(cancelled),
            redelivered_after=self._redeliveries() if submissions[0].webhook else (),
            batch_cancelled_after=self._batch_cancels(len(submissions)),
            listed_after=self._moment() if self._happens(0.1) else None,
            intruded_after=self._moment() if self._happens(0.2 if document else 0.05) else None,
            polling=self._polling(len(submissions)),
        )

    def _happens(self, probability: float) -> bool:
        return self._random.random() < probability

    def _moment(self) -> float:
        """Return some seconds: often few, sometimes minutes."""
        random = self._random
        return random.choice((0.0, random.uniform(0, 1), random.uniform(0, 300)))

    def _retries(self, cancelled_after: float | None) -> tuple[float, ...]:
        """Return when a task is retried, often twice at nearly the same time."""
        if not self._happens(0.05 if cancelled_after is None else 0.7):
            return ()
        first = self._moment() + (cancelled_after or 0.0)
        return (first, first + self._random.choice((0.0, 0.01, 30.0)))

    def _redeliveries(self) -> tuple[float, ...]:
        """Return when a delivery is started again: soon or when all is over, often twice."""
        if self._webhooks.random() >= REDELIVERED:
            return ()
        first = self._webhooks.choice(REDELIVERIES)
        return (first, first + self._webhooks.choice((0.0, 1.0, 600.0)))

    def _batch_cancels(self, size: int) -> tuple[float, ...]:
        if size == 1 or not self._happens(0.2):
            return ()
        first = self._moment()
        return (first, first + self._random.choice((0.0, 0.01, 30.0)))

    def _polling(self, size: int) -> str:
        ways = ("poll", "wait", "never", "batch")
        return self._random.choices(ways, (6, 1, 3, 0 if size == 1 else 6))[0]

    def _size(self) -> int:
        if self._happens(0.6):
            return 1
        return self._random.randint(2, LARGEST_ARRAY if self._happens(0.1) else 9)

    def _deadline(self, probability: float) -> int | None:
        return self._random.choice(SHORT_DEADLINES) if self._happens(probability) else None

    def _submission(self) -> Submission:
        request = self._random.choice(self._requests)
        if self._happens(POISONED):
            request = Request(tuple(sorted(self._random.choice((POISON, SICKNESS, AVERSION)))))
        lane = Lane.BULK if self._happens(0.4) else Lane.INTERACTIVE
        return Submission(input_of(*self._kinds(request)), lane, self._deadline(0.1))

    def _kinds(self, request: Request) -> list[Request]:
        """Return the request, or one for each of several kinds with the same fields."""
        if not self._happens(SEVERAL):
            return [request]
        length = len(request.ingredients) + 1 if self._happens(0.5) else None
        kinds = self._random.sample(MODEL_KINDS, len(MODEL_KINDS))
        fields = replace(request, top_k=5, length=None)
        return [
            replace(fields, kind=kind, length=length if kind == "complete" else None)
            for kind in kinds
        ]

    def _request(self) -> Request:
        random = self._random
        base = random.choice(BASES)
        if self._happens(0.1):
            return Request(exclude=(base,))
        added = random.sample((*ADDITIVES, RARE) if self._happens(0.1) else ADDITIVES, 5)
        drink = tuple(sorted((base, *added[: random.randint(0, 2)])))
        exclude = tuple(sorted(added[2 : 2 + random.randint(0, 2)]))
        only = tuple(sorted(added[2:])) if self._happens(0.1) else None
        if self._happens(0.1):
            return Request(drink, kind="complete", length=len(drink) + 1, exclude=exclude)
        return Request(drink, top_k=random.randint(1, 6), exclude=exclude, only=only)

    def _document(self) -> Document:
        source = next(self._sources)
        after = self._random.uniform(0, 120) if self._happens(0.3) else None
        document = Document(
            self._lines(), self._lines(), after, missing=self._happens(0.03), source=source
        )
        if source == "lines":  # the file has the name of its content
            return replace(document, overwritten_after=None, missing=False)
        return document

    def _lines(self) -> bytes:
        count = self._random.randint(1, LONGEST_DOCUMENT)
        return "".join(f"{self._line()}\n" for _ in range(count)).encode()

    def _line(self) -> str:
        kind = self._random.choice(KINDS_OF_LINES)
        if kind == "blank":
            return ""
        if kind == "unknown":
            return "milk;unheard-of"
        if kind == "sick":
            return ";".join(sorted(SICKNESS if self._happens(0.5) else POISON))
        names = self._random.sample(ADDITIVES, self._random.randint(0, 3))
        return ";".join((self._random.choice(BASES), *names))


def _with_group(request: Request, number: int) -> Request:
    """Return the request, which may exclude a group in addition."""
    if number % GROUPED:
        return request
    group = GROUPS[number // GROUPED % len(GROUPS)]
    return replace(request, exclude=tuple(sorted((*request.exclude, group))))
