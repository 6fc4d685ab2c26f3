"""Webhooks of the stack on one machine, which is killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from functions.webhooks.bootstrap import bootstrap
from functions.webhooks.http_receiver import HttpReceiver
from infra.local.concurrent_source import CONCURRENCY
from infra.local.stack import StackSettings, running_stack
from infra.local.worker import WEBHOOKS, build_handlers, run_worker
from tasks.aws.events import failures_response
from tests.integration.receiver import Receiver, receiver
from tests.integration.test_embedded_stack import WAIT, children_of, start, wait_for

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from infra.local.definitions import Function
    from infra.local.ports import Ports
    from infra.local.worker import Handler, WorkerSettings
    from tests.integration.receiver import Delivered

DRINK = {"ingredients": ["milk"]}


@contextmanager
def stack(folder: Path) -> Iterator[httpx2.Client]:
    """Run a stack in this process, and return a client of it."""
    with (
        running_stack(StackSettings(data=folder)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        yield http


@contextmanager
def killed(process: subprocess.Popen[str], url: str) -> Iterator[httpx2.Client]:
    """Return a client of a running stack, and kill its processes in the end."""
    try:
        with httpx2.Client(base_url=url, timeout=30) as http:
            yield http
    finally:
        for pid in (*children_of(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def submit(http: httpx2.Client, webhook: str, body: Any = DRINK, **headers: str) -> Any:
    response = http.post("/api/process", json=body, params={"webhook": webhook}, headers=headers)
    return response.raise_for_status().json()


def deliveries_of(found: Receiver, subjects: set[str]) -> list[Delivered]:
    """Wait until these were delivered, and return the deliveries."""
    wait_for(lambda: {each.webhook_id for each in found.delivered} >= subjects)
    return found.delivered


def test_the_result_of_a_task_is_delivered_and_signed(tmp_path: Path) -> None:
    with receiver() as found, stack(tmp_path) as http:
        [task] = submit(http, found.url)
        [delivered] = deliveries_of(found, {task["task_id"]})
        assert json.loads(delivered.body) == http.get(task["url_result"]).json()
        secrets = http.get("/api/webhooks/secret").json()["secrets"]
        assert [delivered.is_signed_with(secret) for secret in secrets] == [True]


def test_an_array_is_delivered_once_with_all_its_results(tmp_path: Path) -> None:
    with receiver() as found, stack(tmp_path) as http:
        tasks = submit(http, found.url, [DRINK] * 30)
        [array] = wait_for(lambda: [*found.delivered])
        body = json.loads(array.body)
        whole = http.get(f"/api/batches/{body['batch_id']}").json()
        assert body == whole
        ids = [result["task_id"] for result in whole["results"]]
        assert ids == [task["task_id"] for task in tasks]
        # A later task's delivery comes after anything that was still to be sent for the array.
        [later] = submit(http, found.url)
        delivered = deliveries_of(found, {later["task_id"]})
        assert [each.webhook_id for each in delivered] == [array.webhook_id, later["task_id"]]


def test_a_receiver_that_fails_once_gets_the_delivery_again(tmp_path: Path) -> None:
    answers = iter([500, 204])
    with receiver(lambda _: next(answers)) as found, stack(tmp_path) as http:
        [task] = submit(http, found.url)
        wait_for(lambda: len(found.delivered) == 2)
        first, second = found.delivered
        assert first.webhook_id == second.webhook_id == task["task_id"]
        assert second.at - first.at >= 4.9
        path = f"/api/task/{task['task_id']}/deliveries"
        shown = wait_for(lambda: len(http.get(path).json()["attempts"]) == 2) and http.get(path)
        assert [attempt["status"] for attempt in shown.json()["attempts"]] == [500, 204]


def patient(functions: Sequence[Function], ports: Ports) -> dict[str, Handler]:
    """Build the handlers so that no request to a receiver ever times out."""
    handlers = build_handlers(functions, ports)
    [function] = [each for each in functions if each.handler == WEBHOOKS]
    webhooks = bootstrap(
        function.environment,
        store=ports.store,
        webhooks=ports.webhooks,
        queue=ports.deliveries(),
        documents=ports.documents,
        receiver=HttpReceiver(allow_local=True, seconds=1e6),
        pool=ThreadPoolExecutor(CONCURRENCY),
    )

    def handle(event: Any, _context: Any) -> Any:
        return failures_response(webhooks.run(event, lambda: 1e6))

    handlers[function.name] = handle
    return handlers


def run_patient_worker(settings: WorkerSettings) -> None:
    run_worker(settings, patient)


def test_a_receiver_that_hangs_delays_no_other(tmp_path: Path) -> None:
    """Requests to it never end, and yet all deliveries to the other one arrive."""
    release = threading.Event()
    with (
        receiver(lambda _: 204 if release.wait() else 500) as hanging,
        receiver() as quick,
        running_stack(StackSettings(data=tmp_path), worker=run_patient_worker) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        try:
            ids = set()
            for _ in range(60):
                submit(http, hanging.url)
                [task] = submit(http, quick.url)
                ids.add(task["task_id"])
            assert len(deliveries_of(quick, ids)) == 60
            assert hanging.delivered
        finally:
            release.set()


@pytest.mark.parametrize("round_", range(3))
def test_a_stack_that_is_killed_delivers_every_result_after_its_next_start(
    tmp_path: Path, round_: int
) -> None:
    """The kill comes after some deliveries, while others wait and tasks are processed."""
    subjects: set[str] = set()
    with receiver() as found:
        with killed(*start(tmp_path)) as http:
            http.get("/api/webhooks/secret").raise_for_status()
            for _ in range(40):
                subjects |= {task["task_id"] for task in submit(http, found.url)}
            wait_for(lambda: len(found.delivered) >= 10 * round_)
        seen = len(found.delivered)
        with stack(tmp_path) as http:
            delivered = deliveries_of(found, subjects)
            [secret] = http.get("/api/webhooks/secret").json()["secrets"]
            assert all(each.is_signed_with(secret) for each in delivered)
            assert len(delivered) <= seen + 40
            [result] = submit(http, found.url, **WAIT)
            assert result["status"] == "SUCCESS"
