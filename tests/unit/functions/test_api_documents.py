from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from functions.api.schemas.requests import MAX_DOCUMENT
from tasks.task import Lane, Outcome, Status
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

KEY = {"x-api-key": "ann"}


def new_document(api: Api, **body: Any) -> dict[str, Any]:
    answer = api.http.post("/api/documents", json={"bytes": 10, **body}, headers=KEY)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.parametrize(("form", "suffix"), [("jsonl", ".jsonl"), ("text", ".txt")])
def test_a_document_gets_a_link_of_its_size(api: Api, form: str, suffix: str) -> None:
    """The link is below the caller's own prefix, and for as many bytes as were said."""
    made = new_document(api, format=form)
    assert made["document"].startswith("s3://bucket/uploads/")
    assert made["document"].endswith(f"-000000000001{suffix}")
    assert "ann" not in made["document"]
    assert made["upload"]["method"] == "PUT"
    assert made["upload"]["url"].endswith("?size=10")
    assert made["expires_in"] == 900


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"bytes": MAX_DOCUMENT + 1}, 413, "too-large"),
        ({"bytes": 0}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"bytes": 1, "format": "xml"}, 422, "invalid"),
        ({"bytes": 1, "name": "x"}, 422, "invalid"),
    ],
)
def test_a_document_that_cannot_be_is_refused(
    api: Api, body: dict[str, Any], status: int, slug: str
) -> None:
    """Too large, of no size or of no known format."""
    answer = api.http.post("/api/documents", json=body)
    assert (answer.status_code, problem_of(answer)) == (status, slug)


def test_a_document_is_asked_for_in_json(api: Api) -> None:
    """A form is no JSON, whatever it says."""
    answer = api.http.post("/api/documents", data={"bytes": 10})
    assert (answer.status_code, problem_of(answer)) == (415, "unsupported-media-type")


def test_a_document_is_one_task_in_a_queue_of_its_own(api: Api) -> None:
    """What is asked of its lines goes with it, as ids, and the language of the answers."""
    uri = new_document(api)["document"]
    body = {"document": uri, "top_k": 3, "exclude": ["сахар"], "deadline_seconds": 60}
    answer = api.http.post("/api/process", json=body, headers=KEY | {"Accept-Language": "ru"})
    assert answer.status_code == 202
    [message] = api.document_queue.messages
    assert message.input == {
        "document": uri.removeprefix("s3://bucket/"),
        "language": "ru",
        "defaults": {"top_k": 3, "exclude": ("sugar",)},
    }
    [row] = api.store.rows.values()
    assert (row.lane, row.deadline - row.created_at) == (Lane.DOCUMENT, 60)


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/uploads/OWNER/../bob/d1.jsonl",
        "s3://bucket/uploads/bob/d1.jsonl",
        "s3://bucket/results/OWNER/d1.jsonl",
        "s3://other/uploads/OWNER/d1.jsonl",
        "s3://bucket/uploads/OWNER/d1.exe",
        "https://bucket/uploads/OWNER/d1.jsonl",
        "s3://bucket",
        "",
    ],
)
def test_only_an_own_document_is_read(api: Api, uri: str) -> None:
    """Another bucket, another caller's prefix and what is no document at all are all unknown."""
    owner = new_document(api)["document"].split("/")[4]
    body = {"document": uri.replace("OWNER", owner)}
    answer = api.http.post("/api/process", json=body, headers=KEY)
    assert (answer.status_code, problem_of(answer)) == (404, "document-not-found")
    assert not api.store.rows


@pytest.mark.parametrize(
    ("extra", "slug"),
    [
        ({"ingredients": ["milk"]}, "invalid"),
        ({"priority": "bulk"}, "invalid"),
        ({"top_k": 50}, "invalid"),
        ({"deadline_seconds": 10_000}, "invalid"),
        ({"exclude": ["strawbery"]}, "unknown-ingredient"),
    ],
)
def test_what_cannot_be_asked_of_a_document_is_refused(
    api: Api, extra: dict[str, Any], slug: str
) -> None:
    """As for a drink, before anything is written."""
    body = {"document": new_document(api)["document"], **extra}
    answer = api.http.post("/api/process", json=body, headers=KEY)
    assert (answer.status_code, problem_of(answer)) == (422, slug)
    assert not api.store.rows


def test_no_drink_may_wait_among_the_documents(api: Api) -> None:
    """Their queue is not a priority that a caller can choose."""
    answer = api.http.post("/api/process", json={"priority": "document"})
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


def test_a_result_has_a_link_to_the_answers(api: Api) -> None:
    """A new one at every look, since it does not hold for long."""
    body = {"document": new_document(api)["document"]}
    [task] = api.http.post("/api/process", json=body, headers=KEY).json()
    made = {"key": "results/me/t.jsonl", "lines": 3, "answered": 2, "failed": 1}
    ended = Outcome(Status.SUCCESS, api.clock.now, result={"document": made, "model": "v1"})
    assert api.store.finish(task["task_id"], ended)
    result = api.http.get(task["url_result"], headers=KEY).json()
    assert (result["result"], result["suggestions"], result["model"]) == ("", [], "v1")
    assert result["document"] == {
        "url": "https://bucket/results/me/t.jsonl",
        "expires_in": 900,
        "lines": 3,
        "answered": 2,
        "failed": 1,
    }
