"""The path of a task through the deployed template, with the real handlers and model."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import requests

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary
from tasks.messages import TaskMessage

if TYPE_CHECKING:
    import pytest

    from tests.integration.conftest import Deployment


def test_a_drink_with_ingredients_gets_an_additive(deployment: Deployment) -> None:
    """The additive is not yet in the drink. Its name is in the preferred language."""
    target = "/api/process?ingredients_joined=" + quote("молоко;клубника")
    submitted = deployment.http("POST", target)
    assert submitted.status == 202
    [task] = submitted.body
    assert deployment.result(task).status == 202
    assert deployment.source("WorkerFunction").poll() == 1
    result = deployment.result(task)
    assert (result.status, result.body["status"]) == (200, "SUCCESS")
    vocabulary = Vocabulary.load(Artifacts.open())
    found = vocabulary.find(result.body["result"])
    assert found is not None
    assert found.additive
    assert found.id not in ("milk", "strawberry")
    russian = deployment.result(task, **{"Accept-Language": "ru"})
    assert russian.body["result"] == found.ru


def test_an_empty_drink_gets_a_base(deployment: Deployment) -> None:
    [task] = deployment.http("POST", "/api/process").body
    deployment.source("WorkerFunction").poll()
    found = Vocabulary.load(Artifacts.open()).find(deployment.result(task).body["result"])
    assert found is not None
    assert found.base


def test_bulk_tasks_have_their_own_queue(deployment: Deployment) -> None:
    """A hundred of them are processed in one batch.

    Each array has ten drinks, because DynamoDB Local of 2020 takes no more rows in a transaction.
    """
    drinks = [{"ingredients": ["milk"], "priority": "bulk"}] * 10
    tasks = [
        task for _ in range(10) for task in deployment.http("POST", "/api/process", drinks).body
    ]
    assert deployment.source("WorkerFunction", 0).poll() == 0
    # This clock never advances, so the window stays open until the batch is full.
    assert deployment.source("WorkerFunction", 1, clock=lambda: 0.0).poll() == 100
    assert {deployment.result(task).body["status"] for task in tasks} == {"SUCCESS"}


def test_a_probability_depends_only_on_the_set_of_ingredients(deployment: Deployment) -> None:
    """The order of the ingredients and the other tasks of the batch change it by less than 1e-5."""
    names = ["milk", "strawberry", "sugar"]
    drink, reversed_drink = ({"ingredients": order, "top_k": 20} for order in (names, names[::-1]))
    alone = deployment.http("POST", "/api/process", drink).body
    deployment.source("WorkerFunction").poll()
    others = [{"ingredients": ["water", "mint"]}] * 7
    together = deployment.http("POST", "/api/process", [*others, reversed_drink]).body
    deployment.source("WorkerFunction").poll()
    first, second = (
        {s["ingredient"]: s["probability"] for s in deployment.result(task).body["suggestions"]}
        for task in (alone[0], together[-1])
    )
    assert first.keys() == second.keys()
    assert all(abs(first[name] - second[name]) < 1e-5 for name in first)


def test_the_kind_complete_adds_ingredients_up_to_the_length(deployment: Deployment) -> None:
    """No added ingredient is excluded or already in the drink."""
    drink = {"ingredients": ["milk"], "kind": "complete", "length": 5, "exclude": ["sugar"]}
    [task] = deployment.http("POST", "/api/process", drink).body
    deployment.source("WorkerFunction").poll()
    added = deployment.result(task).body["result"].split(";")
    assert len(set(added)) == 4
    assert not {"milk", "sugar"} & set(added)


def test_a_cancelled_task_stays_cancelled(deployment: Deployment) -> None:
    """The worker acknowledges its message."""
    [task] = deployment.http("POST", "/api/process").body
    assert deployment.http("DELETE", f"/api/task/{task['task_id']}").body["status"] == "CANCELLED"
    assert deployment.source("WorkerFunction").poll() == 1
    assert deployment.result(task).body["status"] == "CANCELLED"
    assert deployment.source("WorkerFunction").poll() == 0


def test_a_dead_letter_fails_its_task_as_worker_lost(deployment: Deployment) -> None:
    [task] = deployment.http("POST", "/api/process").body
    deployment.exhaust_receives("TaskQueue", lambda: deployment.receive("TaskQueue"))
    assert deployment.source("WorkerFunction").poll() == 0
    assert deployment.source("ReaperFunction").poll() == 1
    result = deployment.result(task).body
    assert (result["status"], result["error"]["type"]) == ("FAIL", "worker-lost")
    assert deployment.source("ReaperFunction").poll() == 0


def test_an_unreadable_message_is_kept_until_newer_code_runs(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message moves to UnreadableQueue. After a redrive, the newer code processes it."""
    [task] = deployment.http("POST", "/api/process").body
    [message] = deployment.receive("TaskQueue")
    newer = json.dumps(json.loads(message["Body"]) | {"version": 2})
    deployment.delete("TaskQueue", message)
    deployment.send("TaskQueue", newer)
    for queue, function in (("TaskQueue", "WorkerFunction"), ("DeadLetterQueue", "ReaperFunction")):
        deployment.exhaust_receives(queue, deployment.source(function).poll)
    assert deployment.result(task).status == 202
    [kept] = deployment.receive("UnreadableQueue")
    assert kept["Body"] == newer

    monkeypatch.setattr("tasks.messages.MESSAGE_VERSION", 2)
    deployment.send("TaskQueue", kept["Body"])
    assert deployment.source("WorkerFunction").poll() == 1
    assert deployment.result(task).body["status"] == "SUCCESS"


def test_a_task_with_an_unknown_ingredient_fails_alone(deployment: Deployment) -> None:
    """A model with another vocabulary may have accepted it."""
    [good, bad] = deployment.http("POST", "/api/process", [{}, {}]).body
    for message in deployment.receive("TaskQueue"):
        read = TaskMessage.decode(message["Body"])
        body = json.loads(message["Body"])
        if read.task_id == bad["task_id"]:
            body["input"] = {"ingredients": ["unobtainium"]}
        deployment.send("TaskQueue", json.dumps(body))
    assert deployment.source("WorkerFunction").poll() == 2
    assert deployment.result(good).body["status"] == "SUCCESS"
    failed = deployment.result(bad).body
    assert (failed["status"], failed["error"]["type"]) == ("FAIL", "prediction-failed")


def test_an_unknown_task_is_problem_json(deployment: Deployment) -> None:
    """The body is not base64-encoded."""
    response = deployment.http("GET", "/api/result/00000000-0000-0000-0000-000000000000")
    assert response.status == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.body["type"] == "urn:barback:problem:task-not-found"


def test_a_document_is_uploaded_answered_line_by_line_and_downloaded(
    deployment: Deployment,
) -> None:
    content = "milk;strawberry\nмолоко\nstrawbery\n\n".encode()
    key = {"x-api-key": "ann"}
    digest = hashlib.sha256(content).hexdigest()
    description = {"bytes": len(content), "format": "text", "sha256": digest}
    created = deployment.http("POST", "/api/documents", description, headers=key).body
    upload = created["upload"]
    assert "content-length" in upload["url"]
    put = requests.put(upload["url"], data=content, headers=upload["headers"], timeout=10)
    assert put.status_code == 200, put.text
    submission = {"document": created["document"], "top_k": 2}
    [task] = deployment.http("POST", "/api/process", submission, headers=key).body
    assert deployment.source("DocumentFunction").poll() == 1
    result = deployment.result(task, **key).body
    document = result["document"]
    assert (document["lines"], document["answered"], document["failed"]) == (3, 2, 1)
    lines = [
        json.loads(line) for line in requests.get(document["url"], timeout=10).text.splitlines()
    ]
    assert [line["line"] for line in lines] == [1, 2, 3]
    assert len(lines[0]["suggestions"]) == 2
    assert lines[2]["error"]["type"] == "unknown-ingredient"
    assert result["receipt"]["batch_size"] == 1
