"""What a caller attaches to a task: pairs of texts, and its place in a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tasks.messages import TaskMessage
from tasks.task import Outcome, Status
from tests.fakes import NOW
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_result_repeats_the_metadata_of_its_request(api: Api) -> None:
    metadata = {"table": "7", "гость": ""}
    [task] = api.http.post("/api/process", json={"metadata": metadata}).json()
    assert api.http.get(task["url_result"]).status_code == 202
    api.store.finish(task["task_id"], Outcome(Status.CANCELLED, NOW))
    assert api.http.get(task["url_result"]).json()["metadata"] == metadata


def test_the_metadata_of_an_array_belong_to_each_drink(api: Api) -> None:
    drinks = [{"metadata": {"n": "0"}}, {}, {"metadata": {"n": "2"}}]
    tasks = api.http.post("/api/process", json=drinks).json()
    rows = [api.store.rows[task["task_id"]] for task in tasks]
    assert [row.metadata for row in rows] == [{"n": "0"}, None, {"n": "2"}]


def test_a_document_has_metadata(api: Api) -> None:
    upload = api.http.post("/api/documents", json={"bytes": 5}).json()
    body = {"document": upload["document"], "metadata": {"menu": "winter"}}
    [task] = api.http.post("/api/process", json=body).json()
    assert api.store.rows[task["task_id"]].metadata == {"menu": "winter"}


def test_the_model_does_not_see_the_metadata(api: Api) -> None:
    api.http.post("/api/process", json={"metadata": {"table": "7"}})
    [message] = api.queue.messages
    assert "metadata" not in message.encode()


@pytest.mark.parametrize(
    ("metadata", "detail"),
    [
        ([], "metadata: must be an object"),
        ({"n": 7}, "metadata.n: must be a text of at most 256 characters"),
        ({"n": "x" * 257}, "metadata.n: must be a text of at most 256 characters"),
        ({"": "x"}, "metadata: has a name that must be a text of 1 to 64 characters"),
        ({"n" * 65: "x"}, "metadata: has a name that must be a text of 1 to 64 characters"),
        ({f"n{n}": "x" for n in range(17)}, "metadata: must have at most 16 names"),
    ],
    ids=range(6),
)
def test_other_metadata_are_refused_with_what_they_must_be(
    api: Api, metadata: Any, detail: str
) -> None:
    response = api.http.post("/api/process", json={"metadata": metadata})
    assert (response.status_code, problem_of(response)) == (422, "invalid")
    assert detail in response.text
    assert not api.store.rows


def test_a_key_is_not_reused_for_other_metadata(api: Api) -> None:
    statuses = [
        api.http.post(
            "/api/process",
            json={"metadata": {"table": table}},
            headers={"Idempotency-Key": "k"},
        ).status_code
        for table in ("7", "7", "8")
    ]
    assert statuses == [202, 202, 422]


def test_the_trace_of_a_request_is_in_its_row_and_its_message(api: Api) -> None:
    [task] = api.http.post("/api/process", headers={"traceparent": TRACE}).json()
    assert api.store.rows[task["task_id"]].traceparent == TRACE
    assert api.queue.messages == [TaskMessage.of(api.store.rows[task["task_id"]])]
    assert api.queue.messages[0].traceparent == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        "4bf92f35",
        TRACE.upper(),
        TRACE + "-00",
        f"{TRACE}, {TRACE}",
        f"ff{TRACE[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
    ],
)
def test_a_header_that_is_no_traceparent_is_ignored(api: Api, header: str) -> None:
    [task] = api.http.post("/api/process", headers={"traceparent": header}).json()
    assert api.store.rows[task["task_id"]].traceparent is None
