"""Fakes of the ports, a clock that only tests move, sequential ids and a small vocabulary."""

from __future__ import annotations

import hashlib
import itertools
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.worker.pipelines import Pipelines
from suggester.inputs import InputReader
from suggester.kinds import load_registry
from suggester.looks import Look
from suggester.neighbours import Neighbours
from suggester.ranker import Ranker
from suggester.recipe_index import RecipeIndex
from suggester.requests import Request
from suggester.suggester import Suggester
from suggester.vocabulary import Ingredient, Vocabulary
from tasks.errors import (
    DocumentChanged,
    DocumentForbidden,
    DocumentNotFound,
    TaskFinished,
    TaskListOff,
    Unavailable,
)
from tasks.ids import new_task_id
from tasks.ports import FileContent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from suggester.knowledge import Knowledge
    from tasks.messages import TaskMessage
    from tasks.task import IdempotencyRecord, JsonObject, Outcome, Progress, Task
    from tasks.webhooks.delivery import WebhookDelivery
    from tasks.webhooks.messages import DeliveryMessage
    from tasks.webhooks.secrets import OwnerSecrets

NOW = 1_790_000_000.0


@dataclass
class FakeClock:
    """A clock that moves only when a test moves it."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


class InMemoryTaskStore:
    """A table of tasks in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, Task] = {}
        self.records: dict[str, IdempotencyRecord] = {}
        self.has_list = True
        self.unavailable = False
        self.unavailable_for: set[str] = set()
        self.on_finish: Callable[[], None] = lambda: None

    def create(self, tasks: Sequence[Task]) -> None:
        self._check()
        for task in tasks:
            self.rows.setdefault(task.task_id, task)

    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        existing = self.records.get(record.record_id)
        if existing is not None and existing.expires_at > now:
            return existing
        self.create(tasks)
        self.records[record.record_id] = record
        return None

    def get_record(self, record_id: str, now: float) -> IdempotencyRecord | None:
        self._check()
        record = self.records.get(record_id)
        return None if record is None or record.expires_at <= now else record

    def get(self, task_id: str) -> Task | None:
        self._check()
        return self.rows.get(task_id)

    def get_many(self, task_ids: Sequence[str]) -> dict[str, Task]:
        self._check()
        return {task_id: self.rows[task_id] for task_id in task_ids if task_id in self.rows}

    def newest(self, owner: str, first: str, last: str, limit: int) -> list[str]:
        self._check()
        if not self.has_list:
            raise TaskListOff
        ids = (row.task_id for row in self.rows.values() if row.owner == owner)
        return sorted((each for each in ids if first <= each <= last), reverse=True)[:limit]

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        self._check(task_id)
        self.on_finish()
        try:
            self.rows[task_id] = self.rows[task_id].end(outcome)
        except (KeyError, TaskFinished):
            return False
        return True

    def report_progress(self, task_id: str, progress: Progress) -> None:
        self._check(task_id)
        task = self.rows.get(task_id)
        if task is not None and not task.is_final:
            self.rows[task_id] = replace(task, progress=progress)

    def _check(self, task_id: str = "") -> None:
        if self.unavailable or task_id in self.unavailable_for:
            raise Unavailable


@dataclass
class InMemoryTaskQueue:
    """A queue in a list. Records visibility changes as (receipt handle, seconds)."""

    messages: list[TaskMessage] = field(default_factory=list)
    visibility_changes: list[tuple[str, int]] = field(default_factory=list)
    unavailable: bool = False
    in_flight: int = 0  # messages in flight, counted from the first
    uncounted: int = 0  # messages that SQS has not counted yet
    readings: int = 0  # how often the length was read

    def send(self, messages: Sequence[TaskMessage]) -> None:
        self._check()
        self.messages += messages

    def change_visibility(self, receipt_handle: str, seconds: int) -> None:
        self._check()
        self.visibility_changes.append((receipt_handle, seconds))

    def retry_after(self, created_at: float) -> int:  # noqa: ARG002 - part of the port
        return 1

    def length(self) -> tuple[int, int]:
        self._check()
        self.readings += 1
        return len(self.messages) - self.in_flight - self.uncounted, self.in_flight

    def _check(self) -> None:
        if self.unavailable:
            raise Unavailable


@dataclass
class InMemoryDocumentStore:
    """A bucket in a dictionary, and other buckets, whose files have their URIs as names.

    Files are read in chunks of a few bytes.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)  # names of files in other buckets
    chunk: int = 7
    unavailable: bool = False

    def uri(self, key: str) -> str:
        return f"s3://bucket/{key}"

    def upload_link(self, key: str, size: int, sha256: str | None = None) -> str:
        return f"https://bucket/{key}?size={size}" + (f"&sha256={sha256}" if sha256 else "")

    def download_link(self, key: str) -> str:
        return f"https://bucket/{key}"

    def read(self, name: str, start: int = 0, etag: str = "") -> FileContent:
        if self.unavailable:
            raise Unavailable
        if name in self.forbidden:
            raise DocumentForbidden("AccessDenied")
        if name not in self.files:
            raise DocumentNotFound
        content = self.files[name]
        current = f'"{hashlib.md5(content).hexdigest()}"'
        if etag not in ("", current):
            raise DocumentChanged
        offsets = range(start, len(content), self.chunk)
        chunks = (content[at : at + self.chunk] for at in offsets)
        return FileContent(len(content), current, chunks)

    def write(self, key: str, content: bytes) -> None:
        if self.unavailable:
            raise Unavailable
        self.files[key] = content


class InMemoryWebhookStore:
    """The rows of deliveries and secrets in dictionaries."""

    def __init__(self) -> None:
        self.deliveries: dict[str, WebhookDelivery] = {}
        self.secrets: dict[str, OwnerSecrets] = {}
        self.unavailable = False
        self.is_contended = False  # someone else replaces each delivery a moment earlier

    def create_delivery(self, delivery: WebhookDelivery) -> None:
        self._check()
        self.deliveries.setdefault(delivery.delivery_id, delivery)

    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        self._check()
        return self.deliveries.get(delivery_id)

    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        self._check()
        current = self.deliveries.get(read.delivery_id)
        if current is None or current.version != read.version or self.is_contended:
            return False
        self.deliveries[delivery.delivery_id] = delivery
        return True

    def get_secrets(self, owner: str) -> OwnerSecrets | None:
        self._check()
        return self.secrets.get(owner)

    def put_secrets(self, secrets: OwnerSecrets) -> bool:
        self._check()
        current = self.secrets.get(secrets.owner)
        if (0 if current is None else current.version) != secrets.version - 1:
            return False
        self.secrets[secrets.owner] = secrets
        return True

    def _check(self) -> None:
        if self.unavailable:
            raise Unavailable


@dataclass
class InMemoryDeliveryQueue:
    """A queue in a list of messages with their delays in seconds."""

    sent: list[tuple[DeliveryMessage, int]] = field(default_factory=list)
    unavailable: bool = False

    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        if self.unavailable:
            raise Unavailable
        self.sent += [(message, message.delay(now)) for message in messages]


class InlineExecutor(Executor):
    """Threads without threads: each call runs when it is submitted."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - like the real one
            future.set_exception(error)
        return future


@dataclass
class RecordingTelemetry:
    """Records observed and flushed metrics as (name, value)."""

    observed: list[tuple[str, float]] = field(default_factory=list)
    flushed: list[tuple[str, float]] = field(default_factory=list)
    of_kinds: dict[str, dict[str, float]] = field(default_factory=dict)

    def observe(self, name: str, value: float, kind: str = "") -> None:
        if kind:
            self.of_kinds.setdefault(kind, {})[name] = value
        else:
            self.observed.append((name, value))

    def flush(self) -> None:
        self.flushed += self.observed
        self.observed.clear()


def sequential_ids() -> Callable[[float], str]:
    """Return a function that creates task ids that differ only in their last digits."""
    numbers = itertools.count(1)
    return lambda now: f"{new_task_id(now)[:13]}-7000-8000-{next(numbers):012x}"


def sqs_event(*messages: TaskMessage | str, receive_count: int = 1) -> dict[str, Any]:
    """Return an SQS event of messages or raw bodies; the message ids are m0, m1 and so on."""
    bodies = [m if isinstance(m, str) else m.encode() for m in messages]
    return {
        "Records": [
            {
                "messageId": f"m{index}",
                "receiptHandle": f"r{index}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(receive_count)},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:tasks",
            }
            for index, body in enumerate(bodies)
        ]
    }


SMALL_VOCABULARY = Vocabulary(
    [
        Ingredient(
            "milk",
            "milk",
            "молоко",
            (),
            base=True,
            additive=False,
            contains=("dairy",),
            look=Look("milk", "liquid", "#fbf6ea"),
            drinks=12,
        ),
        Ingredient(
            "water", "water", "вода", ("still water",), base=True, additive=False, contains=()
        ),
        Ingredient(
            "orange-juice", "orange juice", "апельсиновый сок", (), base=True, additive=True
        ),
        Ingredient(
            "strawberry", "strawberry", "клубника", (), base=False, additive=True, contains=()
        ),
        Ingredient("sugar", "sugar", "сахар", (), base=False, additive=True, contains=()),
        Ingredient(
            "ginger", "ginger", "имбирь", (), base=False, additive=True, contains=("sulphites",)
        ),
    ]
)
WITHOUT_GROUPS = Vocabulary(
    [replace(entry, contains=None) for entry in SMALL_VOCABULARY.ingredients]
)


class FakeEngine:
    """An engine whose logits are the column numbers, so the last allowed ingredient is the best."""

    def __init__(self, columns: int = len(SMALL_VOCABULARY)) -> None:
        self.columns = columns
        self.calls: list[int] = []

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        self.calls.append(len(drinks))
        return np.tile(np.arange(self.columns, dtype=np.float32), (len(drinks), 1))


def small_suggester(
    engine: FakeEngine | None = None,
    vocabulary: Vocabulary = SMALL_VOCABULARY,
    recipes: Sequence[Sequence[int]] = (),
) -> Suggester:
    """Return a suggester with a small vocabulary, whose recipes are lists of columns."""
    return Suggester(small_ranker(engine, vocabulary, recipes), version="test")


def small_ranker(
    engine: FakeEngine | None = None,
    vocabulary: Vocabulary = SMALL_VOCABULARY,
    recipes: Sequence[Sequence[int]] = (),
    knowledge: Knowledge | None = None,
) -> Ranker:
    """Return the ranker of `small_suggester`."""
    ends = np.cumsum([0, *map(len, recipes)])
    columns = np.array([column for recipe in recipes for column in recipe], np.int64)
    neighbours = Neighbours(ends, columns, len(vocabulary), 1.0)
    known = RecipeIndex(ends, columns, len(vocabulary))
    return Ranker(
        vocabulary, engine or FakeEngine(), neighbours, known, weight=0.0, knowledge=knowledge
    )


REGISTRY = load_registry({})


class RequestReader:
    """An `InputReader` for inputs with one kind, which is one of the network's."""

    def __init__(
        self,
        vocabulary: Vocabulary = SMALL_VOCABULARY,
        defaults: Request | None = None,
        *,
        ignore_unknown: bool = False,
    ) -> None:
        given = (defaults or Request()).to_json()
        self._reader = InputReader(REGISTRY, vocabulary, given, ignore_unknown=ignore_unknown)

    def read(self, members: Any) -> Request:
        [(_, request)] = self._reader.read(members)
        assert isinstance(request, Request)
        return request

    def read_names(self, names: list[Any]) -> Request:
        [(_, request)] = self._reader.read_names(names)
        assert isinstance(request, Request)
        return request


def small_pipelines(
    engine: FakeEngine | None = None, vocabulary: Vocabulary = SMALL_VOCABULARY
) -> Pipelines:
    """Return the project's own pipelines with the small suggester."""
    return Pipelines(REGISTRY, small_suggester(engine, vocabulary))


@dataclass
class FakeModel:
    """A model that echoes each input, and raises an error for the names in `errors`."""

    errors: dict[str, Exception] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)

    def __call__(self, inputs: Sequence[JsonObject]) -> list[JsonObject]:
        self.batches.append(len(inputs))
        for fields in inputs:
            if (error := self.errors.get(fields.get("name", ""))) is not None:
                raise error
        return [{"echo": fields} for fields in inputs]
