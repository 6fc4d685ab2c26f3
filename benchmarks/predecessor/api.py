"""The predecessor's three calls over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery.result import AsyncResult
from fastapi import FastAPI, Response

from benchmarks.predecessor.worker import app as celery
from benchmarks.predecessor.worker import process

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUSES: Mapping[str, str] = {"SUCCESS": "SUCCESS", "FAILURE": "FAIL"}

app = FastAPI()


@app.post("/api/process", status_code=202)
def submit(ingredients_joined: str = "") -> list[dict[str, str]]:
    """Queue a task."""
    task = process.delay([name for name in ingredients_joined.split(";") if name])
    url = f"/api/result/{task.id}"
    return [{"task_id": task.id, "status": "PROCESSING", "url_result": url}]


@app.get("/api/status/{task_id}")
def status(task_id: str) -> dict[str, str]:
    """Say where a task stands."""
    return _status(AsyncResult(task_id, app=celery))


@app.get("/api/result/{task_id}")
def result(task_id: str, response: Response) -> dict[str, str]:
    """Return a task's result, or 202 while it has none."""
    task = AsyncResult(task_id, app=celery)
    found = _status(task)
    if found["status"] == "PROCESSING":
        response.status_code = 202
    if found["status"] == "SUCCESS":
        found["result"] = task.result
    return found


def _status(task: AsyncResult) -> dict[str, str]:
    return {
        "task_id": task.id,
        "status": STATUSES.get(task.status, "PROCESSING"),
        "result": "",
    }
