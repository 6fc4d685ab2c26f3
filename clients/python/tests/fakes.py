"""Fakes for the network, the clock and the service."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

T = TypeVar("T")

PROBLEM_PREFIX = "urn:barback:problem:"


def task_json(number: int, status: str = "PROCESSING", **members: Any) -> dict[str, Any]:
    return {"task_id": f"task-{number}", "status": status, "result": "", **members}


def success(number: int, name: str = "sugar") -> dict[str, Any]:
    suggestions = [{"ingredient": name, "probability": 0.25}]
    return task_json(number, "SUCCESS", result=name, suggestions=suggestions, attempts=1)


def failure(number: int) -> dict[str, Any]:
    error = {"type": "worker-lost", "detail": "Every worker was lost.", "retryable": True}
    return task_json(number, "FAIL", error=error)


def problem(
    status: int, slug: str, detail: str = "Change the request.", **members: Any
) -> httpx2.Response:
    headers = members.pop("headers", {})
    body = {"type": PROBLEM_PREFIX + slug, "status": status, "detail": detail, **members}
    return httpx2.Response(status, json=body, headers=headers)


def respond(status: int, body: Any, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, content=json.dumps(body).encode(), headers=named)


class FakeTransport:
    """Returns the given outcomes in turn; its clock advances only in `sleep`."""

    def __init__(self, *outcomes: httpx2.Response | Exception) -> None:
        self.outcomes = list(outcomes)
        self.requests: list[httpx2.Request] = []
        self.sleeps: list[float] = []
        self.time = 1000.0

    async def send(self, request: httpx2.Request, _: float, /) -> httpx2.Response:
        self.requests.append(request)
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        outcome.request = request
        return outcome

    async def sleep(self, seconds: float, /) -> None:
        self.sleeps.append(seconds)
        self.time += seconds

    def now(self) -> float:
        return self.time

    async def for_each(
        self, items: Iterable[T], call: Callable[[T], Awaitable[object]], _: int, /
    ) -> None:
        for item in items:
            await call(item)


class FakeService:
    """A service in memory that suggests the name of the first ingredient, twice.

    A drink of `fails` fails, a drink of `hangs` is never finished, and `unknown` is refused. The
    kind `sentiment` returns the length of its `text`, and the kind `broken` fails.
    """

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []
        self.keys: dict[str, list[dict[str, Any]]] = {}
        self.bodies: dict[str, bytes] = {}
        self.requests: list[httpx2.Request] = []
        self.refusals: list[httpx2.Response] = []
        self.on_request: Callable[[httpx2.Request], object] = lambda _: None
        self.on_response: Callable[[httpx2.Request], object] = lambda _: None
        self.name_of: Callable[[list[str]], str] = lambda names: 2 * names[0] if names else "water"
        self.progress: list[dict[str, Any]] = []  # of a document, one for each poll
        self.contains: list[str] | None = []  # of every ingredient
        self.lines: list[dict[str, Any]] = []
        self.document = b""
        self.reason = "Not known."  # of a line that is refused
        self.secrets: list[str] = []  # of webhooks
        self.outputs: dict[str, dict[str, Any]] = {}  # of further kinds
        self.takes_lines = True  # in requests
        self.transport = httpx2.MockTransport(self.handle)

    def submitted(self) -> list[dict[str, Any]]:
        """Return the drinks of the document, or else those of the first submission."""
        drinks: list[dict[str, Any]] = self.lines or json.loads(self.requests[0].content)
        return drinks

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        self.on_request(request)
        response = self._route(request)
        self.on_response(request)
        return response

    def _route(self, request: httpx2.Request) -> httpx2.Response:  # noqa: C901, PLR0911, PLR0912 - routes
        self.requests.append(request)
        if self.refusals:
            return self.refusals.pop(0)
        if request.url.host == "store":
            return self._store(request)
        match request.method, request.url.path.partition("/api/")[2].split("/"):
            case "POST", ["process"]:
                return self._process(request)
            case "GET", ["result", task_id]:
                return self._result(task_id)
            case "GET", ["status", task_id]:
                found = self._find(task_id)
                return respond(200, task_json(0) | {k: found[k] for k in ("task_id", "status")})
            case "DELETE", ["task", task_id]:
                return self._cancel(self._find(task_id))
            case "POST", ["task", task_id, "retry"]:
                return self._retry(self._find(task_id))
            case _, ["batches", key]:
                return self._batch(key, request.method)
            case "GET", ["tasks"]:
                return self._list(request.url.params)
            case "POST", ["documents"]:
                digest = json.loads(request.content)["sha256"]
                upload = {"method": "PUT", "url": "http://store/document", "headers": {"d": digest}}
                return respond(201, {"document": f"s3://bucket/{digest}", "upload": upload})
            case "GET", ["webhooks", "secret"] if self.secrets:
                return respond(200, {"secrets": self.secrets})
            case "GET", ["queue"]:
                load = {"depth": 3, "in_flight": 1, "rate": None, "expected_wait": 0.5}
                return respond(200, {"interactive": load, "bulk": load})
            case "GET", ["ingredients"]:
                lemon = {"id": "lemon", "name": "lemon", "base": False, "additive": True}
                return respond(200, [lemon | {"contains": self.contains}])
            case "GET", ["groups"]:
                return respond(200, [{"group": "group:dairy", "ingredients": 40}])
            case _:
                return problem(404, "not-found")

    def _process(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if "lines" in body:
            if not self.takes_lines:
                return problem(422, "invalid", "body.lines: there is no such field here.")
            self.lines, self.document = body["lines"], b""
        drinks = body if isinstance(body, list) else [{"ingredients": ["document"]}]
        for index, drink in enumerate(drinks):
            if "unknown" in drink.get("ingredients", []):
                return problem(422, "unknown-ingredient", "'unknown' is not known.", index=index)
        key = request.headers["Idempotency-Key"]
        if self.bodies.setdefault(key, request.content) != request.content:
            return problem(422, "key-reused")
        tasks = self.keys.setdefault(key, [])
        if not tasks:
            for drink in drinks:
                own = {} if isinstance(body, list) else {"metadata": body.get("metadata")}
                tasks.append(self._task_for(drink) | own)
                self.tasks.append(tasks[-1])
        if "Prefer" in request.headers and all(t["status"] != "PROCESSING" for t in tasks):
            return respond(200, tasks, Preference_Applied=request.headers["Prefer"])
        submitted = [{name: task[name] for name in ("task_id", "status")} for task in tasks]
        place = f"../api/batches/{key}" if len(tasks) > 1 else f"result/{tasks[0]['task_id']}"
        return respond(202, submitted, Retry_After="0", Location=place)

    def _task_for(self, drink: dict[str, Any]) -> dict[str, Any]:
        number = len(self.tasks)
        kind = drink.get("kind", "next")
        if kind not in ("next", "complete"):
            return task_json(number, "SUCCESS", kind=kind, **self._answer(drink))
        match drink.get("ingredients", []):
            case ["fails", *_]:
                return failure(number)
            case ["hangs", *_]:
                return task_json(number)
            case ["document"]:
                link = {"url": "http://store/results", "expires_in": 9}
                counts = {"lines": len(self.lines), "answered": 1, "failed": 1}
                return task_json(number, "SUCCESS", document=link | counts)
            case names:
                return success(number, self.name_of(names)) | {"kind": kind}

    def _answer(self, drink: dict[str, Any]) -> dict[str, Any]:
        kind = drink.get("kind", "next")
        if isinstance(kind, list):
            return {"parts": {each: self._answer(drink | {"kind": each}) for each in kind}}
        if isinstance(kind, str) and kind in self.outputs:
            return {"output": self.outputs[kind]}
        if kind == "sentiment":
            return {"output": {"length": len(drink["text"])}}
        if kind == "broken":
            return {"error": {"type": "prediction-failed", "detail": "The model crashed."}}
        return {"result": self.name_of(drink["ingredients"])}

    def _store(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "PUT":
            assert request.headers["d"] == hashlib.sha256(request.content).hexdigest()
            self.document = request.content
            self.lines = [json.loads(line) for line in self.document.splitlines() if line]
            return httpx2.Response(200)
        results = []
        counted = [n for n, line in enumerate(self.document.splitlines(), 1) if line]
        for number, line in zip(counted or range(1, len(self.lines) + 1), self.lines, strict=True):
            if line.get("ingredients") == ["unknown"]:
                error = {"type": "unknown-ingredient", "detail": self.reason}
                results.append({"line": number, "error": error})
            elif "kind" in line:
                results.append({"line": number, **self._answer(line)})
            else:
                results.append({"line": number, "result": "".join(2 * line["ingredients"][:1])})
        return httpx2.Response(200, text="\n".join(map(json.dumps, results)))

    def _find(self, task_id: str) -> dict[str, Any]:
        return next(task for task in self.tasks if task["task_id"] == task_id)

    def _result(self, task_id: str) -> httpx2.Response:
        if all(task["task_id"] != task_id for task in self.tasks):
            return problem(404, "task-not-found", "No task of yours has this id.")
        found = self._find(task_id)
        if self.progress:
            running = {"task_id": task_id, "status": "PROCESSING", "progress": self.progress.pop(0)}
            return respond(202, running, Retry_After="0")
        return respond(202 if found["status"] == "PROCESSING" else 200, found, Retry_After="0")

    def _batch(self, key: str, method: str) -> httpx2.Response:
        if key not in self.keys:
            return problem(404, "batch-not-found", "None of your batches has this id.")
        tasks = self.keys[key]
        if method == "DELETE":
            for task in tasks:
                task["status"] = task["status"].replace("PROCESSING", "CANCELLED")
        statuses = [task["status"] for task in tasks]
        counts = {
            status: statuses.count(status) for status in ("PROCESSING", "SUCCESS", "CANCELLED")
        }
        body: dict[str, Any] = {"batch_id": key, "counts": counts}
        if method == "DELETE":
            ids = [task["task_id"] for task in tasks if task["status"] == "CANCELLED"]
            return respond(200, body | {"cancelled": ids})
        left = 3 * bool(counts["PROCESSING"])
        body |= {"expected_wait": left, "results": tasks}
        return respond(202 if left else 200, body, Retry_After=str(left))

    def _list(self, query: httpx2.QueryParams) -> httpx2.Response:
        start, limit = int(query.get("cursor", "0")), min(int(query["limit"]), 2)
        wanted = query.get("status", "")
        found = [task for task in reversed(self.tasks) if task["status"].startswith(wanted)]
        page = [
            {"submitted_at": "2026-11-27T15:00:00Z", "kind": "next", "metadata": None, **task}
            for task in found[start : start + limit]
        ]
        end = start + limit
        return respond(200, {"tasks": page, "cursor": str(end) if end < len(found) else None})

    def _retry(self, found: dict[str, Any]) -> httpx2.Response:
        if found["status"] in ("PROCESSING", "SUCCESS"):
            status = found["status"]
            return problem(409, "retry-refused", f"It is {status}.", task_status=status)
        if "retry" not in found:
            found["retry"] = task_json(len(self.tasks))
            self.tasks.append(found["retry"])
        return respond(202, found["retry"], Retry_After="0")

    def _cancel(self, found: dict[str, Any]) -> httpx2.Response:
        if found["status"] != "PROCESSING":
            return problem(409, "already-finished", "It ended.", task_status=found["status"])
        found["status"] = "CANCELLED"
        return respond(200, found)
