"""From the row of a task to the JSON of its result, without pydantic."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from pipelines.registry import KIND
from presentation.cost import cost_of
from suggester.kinds.suggestions import Suggestions
from suggester.naming import Naming
from tasks.ports import LINK_SECONDS
from tasks.task import ErrorType, Lane, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.registry import Registry
    from suggester.vocabulary import Language, Vocabulary
    from tasks.ports import DocumentStore
    from tasks.task import JsonObject, Task, TaskError

# The predecessor of this service answered with this text when a task's retries ran out.
RETRIES_EXCEEDED: Final = "max retried achieved"
NO_ANSWER: Final[JsonObject] = {
    "result": "",
    "suggestions": [],
    "understood": None,
    "output": None,
    "error": None,
}


@dataclass(frozen=True, slots=True)
class ResultPresenter:
    """Presents final tasks.

    Attributes:
        registry: the kinds of questions.
        vocabulary: the names of ingredients.
        documents: the files with the answers to documents.
    """

    registry: Registry
    vocabulary: Vocabulary
    documents: DocumentStore

    def result(self, task: Task, language: Language) -> JsonObject:
        """Return everything that its owner may know about a task, with names in a language."""
        answer = task.result or {}
        error = task.error
        is_document = task.lane is Lane.DOCUMENT
        asked = task.input.get("defaults", {}) if is_document else task.input
        kinds = self.registry.kinds_of(asked)
        fields: JsonObject = dict(NO_ANSWER)
        parts = None
        if "parts" in answer:
            found = answer["parts"].items()
            parts = {kind: self._answer(kind, part, language) for kind, part in found}
        elif answer and not is_document:
            fields |= self._answer(kinds[0], answer, language)
        if error is not None and error.type is ErrorType.MAX_RETRIES_EXCEEDED:
            fields["result"] = RETRIES_EXCEEDED
        return {
            "task_id": task.task_id,
            "status": task.status,
            **fields,
            "kind": None if is_document else task.input.get(KIND, kinds[0]),
            "parts": parts,
            "error": None if error is None else _error(error),
            "attempts": task.attempts,
            "timings": _timings(task) if task.is_final else None,
            "model": answer.get("model"),
            "receipt": _receipt(task, kinds),
            "document": self._document(answer.get("document")),
            "metadata": task.metadata,
        }

    def batch(self, batch_id: str, tasks: Sequence[Task], language: Language) -> JsonObject:
        """Return the results of a batch, all of whose tasks are final."""
        return {
            "batch_id": batch_id,
            "counts": counts_of(tasks),
            "expected_wait": 0,
            "results": [self.result(task, language) for task in tasks],
        }

    def _answer(self, kind: str, answer: JsonObject, language: Language) -> JsonObject:
        """Return the fields with the answer of a kind."""
        if "error" in answer:
            return {"error": answer["error"]}
        output = answer.get("output", {n: value for n, value in answer.items() if n != "model"})
        if kind not in self.registry:  # it was removed since then
            return {"output": output}
        pipeline = self.registry[kind]
        found = pipeline.present(output, Naming(self.vocabulary, language))
        return found if pipeline.output is Suggestions else {"output": found}

    def _document(self, result: JsonObject | None) -> JsonObject | None:
        if result is None:
            return None
        counts = {name: result[name] for name in ("lines", "answered", "failed")}
        url = self.documents.download_link(result["key"])
        return {"url": url, "expires_in": LINK_SECONDS, **counts}


def url_result(task_id: str) -> str:
    """Return the path of a task's result."""
    return f"/api/result/{task_id}"


def counts_of(tasks: Sequence[Task]) -> dict[Status, int]:
    """Return the number of tasks with each status."""
    found = Counter(task.status for task in tasks)
    return {status: found[status] for status in Status}


def _receipt(task: Task, kinds: list[str]) -> JsonObject | None:
    if task.usage is None:
        return None
    usage = {"kinds": kinds, "batch_size": task.usage.batch_size, "engine": task.usage.engine}
    return usage | asdict(cost_of(task))


def _error(error: TaskError) -> JsonObject:
    return {"type": error.type, "detail": error.detail, "retryable": error.retryable}


def _timings(task: Task) -> dict[str, float | None]:
    finished = task.finished_at or task.created_at
    started = task.started_at
    return {
        "queued": None if started is None else _seconds(task.created_at, started),
        "computed": None if started is None else _seconds(started, finished),
        "total": _seconds(task.created_at, finished),
    }


def _seconds(begin: float, end: float) -> float:
    """Return the seconds between two times. The clocks of two instances may differ."""
    return round(max(0.0, end - begin), 3)
