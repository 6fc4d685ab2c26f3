"""The worker and allergen groups: what the API accepted is honoured, or the task fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from functions.worker.bootstrap import bootstrap
from tasks.task import ErrorType, Lane, Status
from tests.fakes import (
    SMALL_VOCABULARY,
    WITHOUT_GROUPS,
    FakeClock,
    InMemoryDocumentStore,
    RecordingTelemetry,
    small_suggester,
    sqs_event,
)
from tests.unit.functions.conftest import Api
from tests.unit.functions.test_worker_bootstrap import ENVIRONMENT

if TYPE_CHECKING:
    from suggester.vocabulary import Vocabulary
    from tasks.messages import TaskMessage
    from tasks.task import JsonObject, Task

LINES = b"""\
["milk"]
{"ingredients": ["milk"], "exclude": ["group:sulphites"]}
{"ingredients": ["milk"], "exclude": ["group:lupin"]}
"""


def work(api: Api, vocabulary: Vocabulary, message: TaskMessage) -> Task:
    """Process a message with the model of another deployment, and return its row."""
    worker = bootstrap(
        ENVIRONMENT,
        suggester=small_suggester(vocabulary=vocabulary),
        store=api.store,
        queues=dict.fromkeys(Lane, api.queue),
        documents=api.documents,
        telemetry=RecordingTelemetry(),
        clock=FakeClock(),
    )
    assert worker.run(sqs_event(message), lambda: 60.0) == []
    return api.store.rows[message.task_id]


def submit_document(api: Api, exclude: list[str]) -> TaskMessage:
    """Upload the lines, and submit them with exclusions for all of them."""
    announced = {"bytes": len(LINES), "format": "jsonl"}
    name = api.http.post("/api/documents", json=announced).json()["document"]
    api.documents.write(name.removeprefix("s3://bucket/"), LINES)
    body = {"document": name, "exclude": exclude}
    assert api.http.post("/api/process", json=body).status_code == 202
    return api.document_queue.messages[-1]


def answers(documents: InMemoryDocumentStore, result: JsonObject | None) -> list[list[str] | str]:
    """Return the suggested names of each line, or the type of its error."""
    content = documents.files[(result or {})["document"]["key"]].decode()
    lines = [json.loads(line) for line in content.splitlines()]
    return [
        line["error"]["type"]
        if "error" in line
        else [item["ingredient"] for item in line["suggestions"]]
        for line in lines
    ]


def test_a_worker_whose_model_lacks_the_group_fails_the_task() -> None:
    """It never answers as if nothing were excluded."""
    api = Api()
    api.http.post("/api/process", json={"ingredients": ["milk"], "exclude": ["group:dairy"]})
    row = work(api, WITHOUT_GROUPS, api.queue.messages[0])
    assert (row.status, row.result) == (Status.FAIL, None)
    assert row.error is not None
    assert row.error.type is ErrorType.PREDICTION_FAILED
    assert "group is not in this model's vocabulary" in row.error.detail


def test_a_worker_whose_model_lacks_the_group_fails_the_document() -> None:
    api = Api()
    row = work(api, WITHOUT_GROUPS, submit_document(api, ["group:dairy"]))
    assert row.status is Status.FAIL
    assert row.error is not None
    assert row.error.type is ErrorType.PREDICTION_FAILED


def test_groups_of_a_document_and_of_its_lines_add_up() -> None:
    """Orange juice has no data. A line with an unknown group fails alone."""
    api = Api()
    row = work(api, SMALL_VOCABULARY, submit_document(api, ["group:dairy"]))
    assert row.status is Status.SUCCESS
    assert answers(api.documents, row.result) == [
        ["ginger", "sugar", "strawberry"],
        ["sugar", "strawberry"],
        "unknown-ingredient",
    ]
