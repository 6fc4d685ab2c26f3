"""Runs the workload: clients submit, replay, cancel and poll, and retry as clients should."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx2

from infra.chaos.generator import Document, Drink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.chaos.generator import Operation, Question

MAX_RETRY_DELAY: Final = 0.5  # seconds; a longer Retry-After is cut to this
POLL_INTERVAL: Final = 0.25  # seconds
POLL_BATCH: Final = 200  # tasks that are polled between two pauses
CLIENTS: Final = 6
EXPECTED_STATUSES: Final = frozenset({200, 201, 202, 409})


class RequestFailed(Exception):
    """The API gave no usable response before the clients gave up, or an unexpected one."""


@dataclass
class History:
    """Everything that the clients observed.

    Attributes:
        accepted: the drink or document of each task id that the API returned.
        unaccepted: how many of these the API had not accepted when the clients gave up.
        cancel_requested: the tasks that a client tried to cancel.
        cancel_confirmed: the tasks whose cancellation the API confirmed.
        first_results: each task's final result when a client first read it. That of a document
            contains the answers, without their URL, which is new in every response.
        last_results: each task's final result when it was read again at the end.
        replay_ids: task ids that a replay returned but the original request did not.
        unexpected_responses: responses that no client should ever receive.
    """

    accepted: dict[str, Question] = field(default_factory=dict)
    unaccepted: int = 0
    cancel_requested: set[str] = field(default_factory=set)
    cancel_confirmed: set[str] = field(default_factory=set)
    first_results: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_results: dict[str, dict[str, Any]] = field(default_factory=dict)
    replay_ids: set[str] = field(default_factory=set)
    unexpected_responses: list[str] = field(default_factory=list)


class Clients:
    """Concurrent clients of the API that give up when nothing has progressed for some time.

    A slow machine only takes longer, because every accepted task, every finished one and every
    report about a document is progress.

    Args:
        http: the HTTP client for all requests.
        to_json: returns the JSON of a drink.
        patience: the seconds without progress after which to give up.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        http: httpx2.Client,
        to_json: Callable[[Drink], Any],
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.history = History()
        self.requests = 0
        self._http = http
        self._to_json = to_json
        self._patience = patience
        self._clock = clock
        self._progressed_at = clock()
        self._lock = threading.Lock()
        self._all_submitted = threading.Event()
        self._reports: dict[str, dict[str, Any]] = {}  # the last one about each document

    def run(self, operations: Sequence[Operation]) -> None:
        """Submit all operations and poll until every task is final or nothing progresses."""
        with ThreadPoolExecutor(CLIENTS) as pool, ThreadPoolExecutor(1) as poller:
            polling = poller.submit(self._poll)
            try:
                list(pool.map(self._submit, operations))
                self._all_submitted.set()
                polling.result()
            except BaseException:
                self._patience = 0  # so that Ctrl-C stops the other threads too
                raise

    def read_again(self) -> None:
        """Read every task once more, including those that were not final when polling ended."""
        self._progress()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for result in pool.map(self._final_result, self.history.accepted):
                if result is not None:
                    self.history.first_results.setdefault(result["task_id"], result)
                    self.history.last_results[result["task_id"]] = result

    def _progress(self) -> None:
        self._progressed_at = self._clock()

    def _is_patient(self) -> bool:
        return self._clock() - self._progressed_at < self._patience

    def _submit(self, operation: Operation) -> None:
        try:
            request = self._request(operation)
            ids = self._post(request)
        except RequestFailed:
            with self._lock:
                self.history.unaccepted += len(operation.questions)
            return
        self.history.accepted.update(zip(ids, operation.questions, strict=True))
        self._progress()
        with suppress(RequestFailed):
            if operation.replay:
                self.history.replay_ids.update(set(self._post(request)) - set(ids))
            if operation.cancel:
                self._cancel(ids[0])

    def _request(self, operation: Operation) -> dict[str, Any]:
        """Build the request: query parameters if they suffice, else one drink or an array.

        A document is uploaded first.
        """
        headers = {"Idempotency-Key": f"chaos-{operation.number}"}
        first, *_ = operation.questions
        if isinstance(first, Document):
            headers["Accept-Language"] = first.language
            return {"json": {"document": self._upload(first)}, "headers": headers}
        body = [self._to_json(drink) for drink in operation.questions if isinstance(drink, Drink)]
        if len(body) > 1:
            return {"json": body, "headers": headers}
        if body[0].keys() == {"ingredients"}:
            joined = ";".join(body[0]["ingredients"])
            return {"params": {"ingredients_joined": joined}, "headers": headers}
        return {"json": body[0], "headers": headers}

    def _upload(self, document: Document) -> str:
        """Upload a document and return its name."""
        lines = [json.dumps(self._to_json(drink)) for drink in document.drinks]
        content = "\n".join(lines).encode()
        body = {"bytes": len(content), "format": "jsonl"}
        made = self._call("POST", "/api/documents", json=body).json()
        self._call(made["upload"]["method"], made["upload"]["url"], content=content)
        name: str = made["document"]
        return name

    def _post(self, request: dict[str, Any]) -> list[str]:
        response = self._call("POST", "/api/process", **request)
        return [task["task_id"] for task in response.json()]

    def _cancel(self, task_id: str) -> None:
        self.history.cancel_requested.add(task_id)
        response = self._call("DELETE", f"/api/task/{task_id}")
        if response.status_code == httpx2.codes.OK:
            self.history.cancel_confirmed.add(task_id)

    def _poll(self) -> None:
        first_results = self.history.first_results
        with ThreadPoolExecutor(CLIENTS) as pool:
            while self._is_patient():
                is_complete = self._all_submitted.is_set()
                pending = [key for key in list(self.history.accepted) if key not in first_results]
                if is_complete and not pending:
                    return
                for result in pool.map(self._final_result, pending[:POLL_BATCH]):
                    if result is not None:
                        first_results[result["task_id"]] = result
                time.sleep(POLL_INTERVAL)

    def _final_result(self, task_id: str) -> dict[str, Any] | None:
        """Return the task's result, or None if the task is not final."""
        headers = {"Accept-Language": self.history.accepted[task_id].language}
        try:
            response = self._call("GET", f"/api/result/{task_id}", headers=headers)
        except RequestFailed:
            return None
        result: dict[str, Any] = response.json()
        if response.status_code != httpx2.codes.OK:
            self._note_report(task_id, result.get("progress"))
            return None
        if document := result.get("document"):
            try:
                answers = self._call("GET", document.pop("url"))
            except RequestFailed:
                return None
            result["answers"] = [json.loads(line) for line in answers.text.splitlines()]
        self._progress()
        return result

    def _note_report(self, task_id: str, progress: dict[str, Any] | None) -> None:
        """Count another report about a document as progress. They end: hand-overs are limited."""
        if progress is not None and self._reports.get(task_id) != progress:
            self._reports[task_id] = progress
            self._progress()

    def _call(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send a request, again after a 503 or a lost connection, and return the response.

        Raises:
            RequestFailed: the clients gave up, or the response was unexpected.
        """
        while self._is_patient():
            with self._lock:
                self.requests += 1
            try:
                response = self._http.request(method, path, **request)
            except httpx2.TransportError:
                time.sleep(POLL_INTERVAL)
                continue
            if response.status_code in EXPECTED_STATUSES:
                return response
            if response.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                self.history.unexpected_responses.append(
                    f"{method} {path}: {response.status_code} {response.text}"
                )
                break
            time.sleep(min(MAX_RETRY_DELAY, float(response.headers.get("Retry-After", 0))))
        raise RequestFailed
