"""The callers: they submit, replay, cancel and poll, and try again where a caller should."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.chaos.generator import Question, Submission

PATIENCE: Final = 0.5  # seconds: the most that a Retry-After is heeded
POLL: Final = 0.25  # seconds between two rounds of questions
ROUND: Final = 200  # tasks asked for in a round
CALLERS: Final = 6
SETTLED: Final = frozenset({200, 202, 409})


class OutOfBounds(Exception):
    """The time or the requests of the run are used up."""


@dataclass
class Records:
    """What the callers saw.

    Attributes:
        answered: the question that each task id stands for.
        refused: how many drinks were never taken on.
        cancelled: the tasks that their callers tried to cancel.
        confirmed: those whose cancellation was confirmed.
        first: each task's final result, as it was seen first.
        last: the same, read again at the end.
        twice: task ids that a replayed key gave beside those that it gave before.
        surprises: answers that no caller should ever see.
    """

    answered: dict[str, Question] = field(default_factory=dict)
    refused: int = 0
    cancelled: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, dict[str, Any]] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)


class Callers:
    """Callers of the API at `http`, who stop at a time and at a number of requests."""

    def __init__(
        self, http: httpx2.Client, write: Callable[[Question], Any], until: float, most: int
    ) -> None:
        self.records = Records()
        self.requests = 0
        self._http = http
        self._write = write
        self._until = until
        self._most = most
        self._lock = threading.Lock()
        self._submitted = threading.Event()

    def run(self, submissions: Sequence[Submission]) -> None:
        """Submit everything and poll meanwhile, until every task is final or a bound is met."""
        with ThreadPoolExecutor(CALLERS) as pool, ThreadPoolExecutor(1) as other:
            polling = other.submit(self._poll)
            try:
                list(pool.map(self._submit, submissions))
                self._submitted.set()
                polling.result()
            except BaseException:
                self._until = 0  # Ctrl-C stops the other threads, too
                raise

    def read_again(self, until: float) -> None:
        """Read every task once more, those that came too late for the polling among them."""
        self._until = until
        with ThreadPoolExecutor(CALLERS) as pool:
            for result in pool.map(self._final, self.records.answered):
                if result is not None:
                    self.records.first.setdefault(result["task_id"], result)
                    self.records.last[result["task_id"]] = result

    def _submit(self, submission: Submission) -> None:
        request = self._request(submission)
        try:
            ids = self._post(request)
        except OutOfBounds:
            with self._lock:
                self.records.refused += len(submission.questions)
            return
        self.records.answered.update(zip(ids, submission.questions, strict=True))
        with suppress(OutOfBounds):
            if submission.replayed:
                self.records.twice.update(set(self._post(request)) - set(ids))
            if submission.cancelled:
                self._cancel(ids[0])

    def _request(self, submission: Submission) -> dict[str, Any]:
        """Write a submission as a query where one will do, as a drink, or as an array."""
        body = [self._write(question) for question in submission.questions]
        headers = {"Idempotency-Key": f"chaos-{submission.number}"}
        if len(body) > 1:
            return {"json": body, "headers": headers}
        if body[0].keys() == {"ingredients"}:
            joined = ";".join(body[0]["ingredients"])
            return {"params": {"ingredients_joined": joined}, "headers": headers}
        return {"json": body[0], "headers": headers}

    def _post(self, request: dict[str, Any]) -> list[str]:
        answer = self._call("POST", "/api/process", **request)
        return [task["task_id"] for task in answer.json()]

    def _cancel(self, task_id: str) -> None:
        self.records.cancelled.add(task_id)
        answer = self._call("DELETE", f"/api/task/{task_id}")
        if answer.status_code == httpx2.codes.OK:
            self.records.confirmed.add(task_id)

    def _poll(self) -> None:
        with ThreadPoolExecutor(CALLERS) as pool:
            while time.monotonic() < self._until:
                was_last = self._submitted.is_set()
                pending = [key for key in list(self.records.answered) if not self._is_known(key)]
                if was_last and not pending:
                    return
                for result in pool.map(self._final, pending[:ROUND]):
                    if result is not None:
                        self.records.first[result["task_id"]] = result
                time.sleep(POLL)

    def _is_known(self, task_id: str) -> bool:
        return task_id in self.records.first

    def _final(self, task_id: str) -> dict[str, Any] | None:
        """Return the task's result, or None while it has none."""
        language = self.records.answered[task_id].language
        try:
            answer = self._call(
                "GET", f"/api/result/{task_id}", headers={"Accept-Language": language}
            )
        except OutOfBounds:
            return None
        result: dict[str, Any] = answer.json()
        return result if answer.status_code == httpx2.codes.OK else None

    def _call(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Call until it is answered with what a caller can use.

        Raises:
            OutOfBounds: it was not, within the bounds, or with what no caller can use.
        """
        while time.monotonic() < self._until and self.requests < self._most:
            with self._lock:
                self.requests += 1
            try:
                answer = self._http.request(method, path, **request)
            except httpx2.TransportError:
                time.sleep(POLL)
                continue
            if answer.status_code in SETTLED:
                return answer
            if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                self.records.surprises.append(
                    f"{method} {path}: {answer.status_code} {answer.text}"
                )
                break
            time.sleep(min(PATIENCE, float(answer.headers.get("Retry-After", 0))))
        raise OutOfBounds
