"""A pipeline of another package in the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.api.schemas.requests import DELIVERY_FIELDS, DOCUMENT_FIELDS
from functions.worker.pipelines import Pipelines, answer_with
from pipelines.registry import KIND, RESERVED
from suggester.artifacts import Artifacts
from suggester.inputs import NOT_A_TEXT
from suggester.kinds import load_registry
from suggester.suggester import Suggester
from suggester.vocabulary import Vocabulary
from tasks.task import Outcome, Status, Usage
from tests.fakes import NOW, small_suggester
from tests.unit.functions.conftest import Api, problem_of

KNOWN = load_registry({"PIPELINES": "tests.sentiment"})
TEXT: dict[str, Any] = {"kind": "sentiment", "text": "lovely"}


@pytest.fixture
def api() -> Api:
    return Api(pipelines="tests.sentiment")


def submit(api: Api, body: Any) -> str:
    response = api.http.post("/api/process", json=body)
    assert response.status_code == 202, response.text
    task_id: str = response.json()[0]["task_id"]
    return task_id


def answer(api: Api, task_id: str, suggester: Suggester | None = None) -> dict[str, Any]:
    """Answer a task as a worker does, and return the result that its owner gets."""
    run = answer_with(Pipelines(KNOWN, suggester or small_suggester()))
    [result] = run([api.store.rows[task_id].input])
    api.store.finish(task_id, Outcome(Status.SUCCESS, NOW + 2, NOW + 1, result))
    found: dict[str, Any] = api.http.get(f"/api/result/{task_id}").json()
    return found


def refusal(api: Api, body: Any) -> list[dict[str, str]]:
    headers = {"Content-Type": "application/json"}
    response = api.http.post("/api/process", content=json.dumps(body), headers=headers)
    assert problem_of(response) == "invalid"
    assert api.is_untouched()
    errors: list[dict[str, str]] = response.json()["errors"]
    return errors


def test_the_result_is_in_output(api: Api) -> None:
    result = answer(api, submit(api, TEXT))
    assert (result["kind"], result["status"], result["model"]) == ("sentiment", "SUCCESS", "test")
    assert result["output"] == {"score": 1.0, "model": "words-1", "error": None, "parts": ["text"]}
    assert (result["result"], result["suggestions"], result["parts"]) == ("", [], None)


def test_the_result_of_a_pipeline_that_was_removed_is_still_shown(api: Api) -> None:
    task_id = submit(api, TEXT)
    output = answer(api, task_id)["output"]
    without = Api(store=api.store)
    assert without.http.get(f"/api/result/{task_id}").json()["output"] == output


def test_a_part_of_a_result_has_its_output_or_its_error(api: Api) -> None:
    task_id = submit(api, TEXT | {"kind": ["next", "sentiment"]})
    error = {"type": "prediction-failed", "detail": "No.", "retryable": False}
    parts = {"next": {"error": error}, "sentiment": {"output": {"score": 1, "error": "a"}}}
    outcome = Outcome(Status.SUCCESS, NOW + 2, NOW + 1, {"parts": parts, "model": "test"})
    api.store.finish(task_id, outcome)
    result = api.http.get(f"/api/result/{task_id}").json()
    assert result["kind"] == ["next", "sentiment"]
    assert result["parts"]["next"]["error"] == error
    assert result["parts"]["sentiment"]["output"] == {"score": 1, "error": "a"}
    assert result["error"] is None


@pytest.mark.parametrize("kind", ["sentiment", ["next", "sentiment"]])
def test_a_receipt_names_the_kinds(api: Api, kind: str | list[str]) -> None:
    name = api.http.post("/api/documents", json={"bytes": 5}).json()["document"]
    for body in (TEXT | {"kind": kind}, {"document": name, "kind": kind}):
        task_id = submit(api, body)
        outcome = Outcome(Status.SUCCESS, NOW + 2, NOW + 1, {}, usage=Usage(1, "litert", 0.01))
        api.store.finish(task_id, outcome)
        receipt = api.http.get(f"/api/result/{task_id}").json()["receipt"]
        assert receipt["kinds"] == (kind if isinstance(kind, list) else [kind])


def test_a_required_field_that_is_missing_is_named(api: Api) -> None:
    assert refusal(api, {"kind": "sentiment"}) == [{"at": "body.text", "detail": "is missing"}]


@pytest.mark.parametrize(
    ("field", "at", "detail"),
    [
        ({"text": ""}, "body.text", "must be a text of 1 to 5000 characters"),
        ({"text": "\ud800"}, "body.text", "must be a text of 1 to 5000 characters"),
        ({"scale": "mile"}, "body.scale", "must be one of unit, percent"),
        ({"words": [{"word": "a", "weight": 2}]}, "body.words[0].weight", "a number from -1 to 1"),
        ({"words": [{"weight": 1}]}, "body.words[0].word", "is missing"),
        ({"top_k": 3}, "body.top_k", "not to sentiment; remove it"),
    ],
)
def test_a_wrong_field_is_refused_with_its_place(
    api: Api, field: dict[str, Any], at: str, detail: str
) -> None:
    [error] = refusal(api, TEXT | field)
    assert error["at"] == at
    assert detail in error["detail"]


def test_a_list_of_a_pipeline_of_another_package_keeps_its_order(api: Api) -> None:
    words = [{"word": "b"}, {"word": "a"}]
    task_id = submit(api, TEXT | {"words": words})
    stored = api.store.rows[task_id].input["words"]
    assert [item["word"] for item in stored] == ["b", "a"]


def test_a_field_with_the_name_of_a_list_of_names_may_have_other_values(api: Api) -> None:
    """The names in a drink are brought into a normal form to compare repeated requests."""
    assert api.store.rows[submit(api, TEXT | {"only": [2, 1]})].input["only"] == (2, 1)


def test_the_options_of_a_document_are_those_of_its_kind(api: Api) -> None:
    name = api.http.post("/api/documents", json={"bytes": 5}).json()["document"]
    body = {"document": name, "kind": "sentiment", "scale": "percent"}
    [message] = [api.store.rows[submit(api, body)]]
    assert message.input["defaults"] == {"scale": "percent", "kind": "sentiment"}


def test_the_names_of_fields_of_every_request_are_reserved() -> None:
    """Otherwise a field of a pipeline would hide one of them."""
    assert DELIVERY_FIELDS | DOCUMENT_FIELDS | {KIND} <= RESERVED


def description(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.http.get("/openapi.json").json()
    return found


def test_the_openapi_document_describes_the_fields(api: Api) -> None:
    schemas = description(api)["components"]["schemas"]
    fields = schemas["SentimentInput"]["properties"]
    assert fields["text"]["description"] == "The text."
    assert (fields["text"]["minLength"], fields["text"]["maxLength"]) == (1, 5000)
    assert fields["words"]["items"] == {"$ref": "#/components/schemas/Sentiment.Item"}
    assert schemas["Sentiment.Item"]["required"] == ["word"]
    assert schemas["SentimentInput"]["required"] == ["text", "kind"]
    assert schemas["SentimentDocument"]["required"] == ["document", "kind"]


def examples(api: Api) -> dict[str, Any]:
    body = description(api)["paths"]["/api/process"]["post"]["requestBody"]
    found: dict[str, Any] = body["content"]["application/json"]["examples"]
    return found


@pytest.mark.parametrize("kind", KNOWN.kinds)
def test_the_example_of_each_kind_succeeds(kind: str) -> None:
    """With the project's own model."""
    artifacts = Artifacts.open()
    api = Api(pipelines="tests.sentiment", vocabulary=Vocabulary.load(artifacts))
    example = examples(api)[kind]
    assert example["summary"] == KNOWN[kind].summary
    suggester = Suggester.load(artifacts, "litert")
    result = answer(api, submit(api, example["value"]), suggester)
    assert (result["kind"], result["status"]) == (kind, "SUCCESS")


@pytest.mark.parametrize(("form", "status"), [("text", 422), ("jsonl", 202)])
def test_a_text_document_of_a_kind_that_needs_more_than_a_text_is_refused(
    form: str, status: int
) -> None:
    """Its lines would all fail."""
    api = Api(pipelines="tests.translation")
    document = api.http.post("/api/documents", json={"bytes": 5, "format": form}).json()["document"]
    body = {"kind": "translation", "document": document}
    response = api.http.post("/api/process", json=body)
    assert response.status_code == status
    if status == 422:
        [error] = response.json()["errors"]
        assert (error["at"], error["detail"]) == ("body.document", NOT_A_TEXT)
    body["language"] = "ru"
    assert api.http.post("/api/process", json=body).status_code == 202
