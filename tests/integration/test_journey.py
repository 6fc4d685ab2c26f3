"""From a drink to its suggestion, through the real handlers and queues made from the template."""

from __future__ import annotations

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


def test_a_half_built_drink_gets_its_suggestion(deployment: Deployment) -> None:
    """Milk and strawberry, in Russian, are answered with an additive that is neither."""
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


def test_no_ingredients_get_a_base(deployment: Deployment) -> None:
    """An empty drink is answered with something to build on."""
    [task] = deployment.http("POST", "/api/process").body
    deployment.source("WorkerFunction").poll()
    found = Vocabulary.load(Artifacts.open()).find(deployment.result(task).body["result"])
    assert found is not None
    assert found.base


def test_bulk_work_has_a_queue_of_its_own(deployment: Deployment) -> None:
    """A hundred bulk drinks are one batch, and none of them is in the interactive queue."""
    drinks = [{"ingredients": ["milk"], "priority": "bulk"}] * 100
    tasks = deployment.http("POST", "/api/process", drinks).body
    assert deployment.source("WorkerFunction", 0).poll() == 0
    # The clock stands still, so that the window stays open until the batch is full.
    assert deployment.source("WorkerFunction", 1, clock=lambda: 0.0).poll() == 100
    assert {deployment.result(task).body["status"] for task in tasks} == {"SUCCESS"}


def test_a_prediction_depends_on_nothing_but_the_drink(deployment: Deployment) -> None:
    """Order of the ingredients and company in the batch change no probability by 1e-5."""
    names = ["milk", "strawberry", "sugar"]
    drink, turned = ({"ingredients": order, "top_k": 20} for order in (names, names[::-1]))
    alone = deployment.http("POST", "/api/process", drink).body
    deployment.source("WorkerFunction").poll()
    others = [{"ingredients": ["water", "mint"]}] * 7
    together = deployment.http("POST", "/api/process", [*others, turned]).body
    deployment.source("WorkerFunction").poll()
    first, second = (
        {s["ingredient"]: s["probability"] for s in deployment.result(task).body["suggestions"]}
        for task in (alone[0], together[-1])
    )
    assert first.keys() == second.keys()
    assert all(abs(first[name] - second[name]) < 1e-5 for name in first)


def test_complete_finishes_the_drink(deployment: Deployment) -> None:
    """`complete` adds ingredients until the drink has as many as were asked for."""
    drink = {"ingredients": ["milk"], "kind": "complete", "length": 5, "exclude": ["sugar"]}
    [task] = deployment.http("POST", "/api/process", drink).body
    deployment.source("WorkerFunction").poll()
    added = deployment.result(task).body["result"].split(";")
    assert len(set(added)) == 4
    assert not {"milk", "sugar"} & set(added)


def test_a_cancelled_task_is_never_answered(deployment: Deployment) -> None:
    """The worker's update of a cancelled task is refused, and its message done with."""
    [task] = deployment.http("POST", "/api/process").body
    assert deployment.http("DELETE", f"/api/task/{task['task_id']}").body["status"] == "CANCELLED"
    assert deployment.source("WorkerFunction").poll() == 1
    assert deployment.result(task).body["status"] == "CANCELLED"
    assert deployment.source("WorkerFunction").poll() == 0


def test_a_dead_letter_ends_its_task(deployment: Deployment) -> None:
    """A message that no worker finishes comes to the reaper, and its task to FAIL."""
    [task] = deployment.http("POST", "/api/process").body
    deployment.exhaust("TaskQueue", lambda: deployment.receive("TaskQueue"))
    assert deployment.source("WorkerFunction").poll() == 0
    assert deployment.source("ReaperFunction").poll() == 1
    result = deployment.result(task).body
    assert (result["status"], result["error"]["type"]) == ("FAIL", "worker-lost")
    assert deployment.source("ReaperFunction").poll() == 0


def test_a_message_of_newer_code_waits_until_that_code_runs(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody acknowledges what they cannot read; moved back later, it is answered."""
    [task] = deployment.http("POST", "/api/process").body
    [message] = deployment.receive("TaskQueue")
    newer = json.dumps(json.loads(message["Body"]) | {"version": 2})
    deployment.delete("TaskQueue", message)
    deployment.send("TaskQueue", newer)
    for queue, function in (("TaskQueue", "WorkerFunction"), ("DeadLetterQueue", "ReaperFunction")):
        deployment.exhaust(queue, deployment.source(function).poll)
    assert deployment.result(task).status == 202
    [kept] = deployment.receive("UnreadableQueue")
    assert kept["Body"] == newer

    monkeypatch.setattr("tasks.messages.MESSAGE_VERSION", 2)
    deployment.send("TaskQueue", kept["Body"])
    assert deployment.source("WorkerFunction").poll() == 1
    assert deployment.result(task).body["status"] == "SUCCESS"


def test_a_poisoned_message_harms_no_other(deployment: Deployment) -> None:
    """A task of another model's vocabulary fails alone in its batch."""
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


def test_an_unknown_task_is_a_problem(deployment: Deployment) -> None:
    """Through the gateway's event, too, an error is problem+json in plain text."""
    answer = deployment.http("GET", "/api/result/00000000-0000-0000-0000-000000000000")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["type"] == "urn:barback:problem:task-not-found"


def test_a_document_of_drinks_is_one_task(deployment: Deployment) -> None:
    """Uploaded with the link, answered line by line, and fetched with the result's link."""
    content = "milk;strawberry\nмолоко\nstrawbery\n\n".encode()
    key = {"x-api-key": "ann"}
    wanted = {"bytes": len(content), "format": "text"}
    made = deployment.http("POST", "/api/documents", wanted, headers=key).body
    assert "content-length" in made["upload"]["url"]
    put = requests.put(made["upload"]["url"], data=content, timeout=10)
    assert put.status_code == 200, put.text
    asked = {"document": made["document"], "top_k": 2}
    [task] = deployment.http("POST", "/api/process", asked, headers=key).body
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
