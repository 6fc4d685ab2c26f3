"""Small documents, whose lines are in the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.worker.document_lines import DocumentLines
from tasks.document_keys import MAX_LINES
from tasks.inline_document import InlineDocument
from tasks.task import Lane
from tests.fakes import small_pipelines
from tests.unit.functions.conftest import Api, problem_of

KEY = {"x-api-key": "ann"}
LINES = ["milk;strawberry", ["water"], {"ingredients": ["milk"], "exclude": ["ginger"]}]


def submit(api: Api, body: Any, **headers: str) -> Any:
    return api.http.post("/api/process", json=body, headers=KEY | headers)


def only_file(api: Api) -> tuple[str, bytes]:
    [(key, content)] = api.documents.files.items()
    return key, content


def test_lines_become_a_document_of_the_caller_and_one_task(api: Api) -> None:
    body = {"lines": LINES, "top_k": 3, "exclude": ["group:dairy"], "deadline_seconds": 60}
    response = submit(api, body, **{"Accept-Language": "ru"})
    assert (response.status_code, len(response.json())) == (202, 1)
    key, content = only_file(api)
    [message] = api.document_queue.messages
    defaults = {"top_k": 3, "exclude": ("group:dairy",)}
    assert message.input == {"document": key, "language": "ru", "defaults": defaults}
    assert key.startswith(f"uploads/{message.owner}/")
    assert [json.loads(line) for line in content.splitlines()] == LINES
    [row] = api.store.rows.values()
    assert (row.lane, row.deadline - row.created_at) == (Lane.DOCUMENT, 60)


def test_each_line_is_answered_under_its_position_in_the_list(api: Api) -> None:
    """Blank texts, line breaks and half characters of a line do not disturb the others."""
    lines = [" ", "milk\nwater", "\ud800", {"ingredients": ["m\ud800"]}, 7, None, "milk", [], {}]
    assert api.http.post(
        "/api/process",
        content=json.dumps({"lines": lines}),
        headers=KEY | {"Content-Type": "application/json"},
    ).is_success
    _, content = only_file(api)
    answer = DocumentLines(small_pipelines(), {}, "jsonl", "en", {}).answer
    found, failed = answer(list(enumerate(content.splitlines(keepends=True), 1)))
    answers = [json.loads(line) for line in found]
    assert [each["line"] for each in answers] == list(range(1, len(lines) + 1))
    errors = {each["line"]: each["error"]["type"] for each in answers if "error" in each}
    assert failed == len(errors)
    invalid, malformed = dict.fromkeys((2, 3, 4), "invalid"), dict.fromkeys((5, 6), "malformed")
    assert errors == invalid | malformed


def test_a_repetition_is_the_same_request(api: Api) -> None:
    """The order of the fields of a line has no meaning."""
    first = submit(api, {"lines": [{"ingredients": ["milk"], "top_k": 2}]}, **IDEMPOTENT)
    again = submit(api, {"lines": [{"top_k": 2, "ingredients": ["milk"]}]}, **IDEMPOTENT)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(api.documents.files) == len(api.store.rows) == 1


IDEMPOTENT = {"Idempotency-Key": "mine"}


@pytest.mark.parametrize(
    "other", [{"lines": ["water"]}, {"lines": ["milk", "milk"]}, {"lines": ["milk"], "top_k": 2}]
)
def test_other_lines_or_options_with_the_same_key_are_refused(
    api: Api, other: dict[str, Any]
) -> None:
    submit(api, {"lines": ["milk"]}, **IDEMPOTENT)
    response = submit(api, other, **IDEMPOTENT)
    assert (response.status_code, problem_of(response)) == (422, "key-reused")


def test_the_same_lines_of_two_owners_are_two_files(api: Api) -> None:
    submit(api, {"lines": ["milk"]})
    api.http.post("/api/process", json={"lines": ["milk"]}, headers={"x-api-key": "bob"})
    assert len(api.documents.files) == 2


def test_lines_and_an_upload_with_the_same_digest_are_one_file(api: Api) -> None:
    """The name of the file therefore never stands for two contents."""
    submit(api, {"lines": ["milk"]})
    key, content = only_file(api)
    digest = InlineDocument.of(key.split("/")[1], ["milk"])
    assert (digest.key, digest.content) == (key, content) == (key, b'"milk"\n')


def test_nothing_is_accepted_before_the_lines_are_stored(api: Api) -> None:
    """The caller repeats the request, and finds one task."""
    api.documents.unavailable = True
    refused = submit(api, {"lines": ["milk"]}, **IDEMPOTENT)
    assert (refused.status_code, problem_of(refused)) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "1"
    assert not api.store.rows
    api.documents.unavailable = False
    assert submit(api, {"lines": ["milk"]}, **IDEMPOTENT).status_code == 202
    assert len(api.store.rows) == 1


def test_lines_of_a_refused_request_are_not_stored(api: Api) -> None:
    response = submit(api, {"lines": ["milk"], "exclude": ["strawbery"]})
    assert (response.status_code, problem_of(response)) == (422, "unknown-ingredient")
    assert not api.documents.files


@pytest.mark.parametrize(
    ("body", "at", "detail"),
    [
        ({"lines": []}, "body.lines", "must be a list of 1 to 100000 lines of a document"),
        ({"lines": "milk"}, "body.lines", "must be a list of 1 to 100000 lines of a document"),
        ({"lines": {"a": 1}}, "body.lines", "must be a list of 1 to 100000 lines of a document"),
        ({"lines": None}, "body.lines", "must be a list of 1 to 100000 lines of a document"),
        (
            {"lines": ["milk"], "document": "s3://bucket/x.txt"},
            "body.lines",
            "cannot be combined with document; send one of the two",
        ),
        (
            {"lines": ["milk"], "ingredients": ["milk"]},
            "body.ingredients",
            "belongs to the lines of the document; remove it",
        ),
        ({"lines": ["milk"], "priority": "bulk"}, "body.priority", "there is no such field here"),
        ({"line": ["milk"]}, "body.line", "there is no such field here"),
    ],
)
def test_lines_that_are_no_document_are_refused_with_the_reason(
    api: Api, body: Any, at: str, detail: str
) -> None:
    response = submit(api, body)
    assert (response.status_code, problem_of(response)) == (422, "invalid")
    [error] = response.json()["errors"]
    assert (error["at"], error["detail"]) == (at, detail)
    assert not api.documents.files


def test_more_lines_than_a_document_may_have_are_refused() -> None:
    """The largest body does not have so many, but its limit may change."""
    from functions.api.document_resolution import read_document  # noqa: PLC0415
    from functions.api.problems import Problem  # noqa: PLC0415

    api = Api()
    services: Any = api.http.app.state.services  # type: ignore[attr-defined]
    assert read_document({"lines": [[]] * MAX_LINES}, services, "me", "en").document
    with pytest.raises(Problem, match="1 to 100000 lines"):
        read_document({"lines": [[]] * (MAX_LINES + 1)}, services, "me", "en")


def test_texts_for_a_kind_that_needs_more_than_a_text_are_refused() -> None:
    """Objects with all fields are accepted."""
    api = Api(pipelines="tests.translation")
    line = {"text": "Milk.", "language": "ru"}
    response = submit(api, {"kind": "translation", "lines": [line, "Milk."]})
    [error] = response.json()["errors"]
    assert error["at"] == "body.lines"
    assert "send its fields as JSON" in error["detail"]
    assert submit(api, {"kind": "translation", "lines": [line]}).status_code == 202
    body = {"kind": "translation", "language": "ru", "lines": ["Milk."]}
    assert submit(api, body).status_code == 202
