from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary
from tasks.task import ErrorType, Outcome, Status, TaskError
from tests.fakes import SMALL_VOCABULARY
from tests.unit.functions.conftest import Api, problem_of

if TYPE_CHECKING:
    from suggester.vocabulary import Ingredient

NIL = "00000000-0000-0000-0000-000000000000"
CALLS_OF_A_TASK = (
    ("GET", "/api/status/{}"),
    ("GET", "/api/result/{}"),
    ("DELETE", "/api/task/{}"),
    ("POST", "/api/task/{}/retry"),
)
RESULT = {
    "added": ["ginger"],
    "suggestions": [
        {"ingredient": "ginger", "probability": 0.75},
        {"ingredient": "orange-juice", "probability": 0.25},
    ],
    "model": "test",
}


def succeed(api: Api, task_id: str) -> None:
    now = api.clock.now
    outcome = Outcome(Status.SUCCESS, now + 0.25, now + 0.2, RESULT, attempts=1)
    assert api.store.finish(task_id, outcome)


def test_a_submission_by_query_returns_one_task_and_its_url(api: Api) -> None:
    """Names are separated by `;`. The predecessor had the same request and response."""
    response = api.http.post("/api/process", params={"ingredients_joined": "молоко;Strawberry"})
    [task] = response.json()
    assert response.status_code == 202
    assert set(task) == {"task_id", "status", "url_result"}
    assert task["status"] == "PROCESSING"
    assert task["url_result"] == f"/api/result/{task['task_id']}"
    assert response.headers["location"] == f"result/{task['task_id']}"
    assert response.headers["retry-after"] == "1"
    assert api.store.rows[task["task_id"]].input == {"ingredients": ("milk", "strawberry")}


@pytest.mark.parametrize("query", [{}, {"ingredients_joined": ""}, {"ingredients_joined": " ; ;"}])
def test_an_empty_drink_is_accepted(api: Api, query: dict[str, str]) -> None:
    assert api.store.rows[api.submit(**query)].input == {}


def test_every_field_of_a_json_body_reaches_the_task(api: Api) -> None:
    """Names are replaced by ids."""
    body = {
        "ingredients": ["Milk", "milk"],
        "kind": "complete",
        "length": 4,
        "novelty": 0.5,
        "exclude": ["сахар"],
        "only": ["ginger", "strawberry"],
        "priority": "bulk",
        "deadline_seconds": 60,
    }
    [task] = api.http.post("/api/process", json=body).json()
    row = api.store.rows[task["task_id"]]
    assert row.input == {
        "ingredients": ("milk",),
        "kind": "complete",
        "length": 4,
        "novelty": 0.5,
        "exclude": ("sugar",),
        "only": ("ginger", "strawberry"),
    }
    assert row.deadline == api.clock.now + 60
    assert [message.task_id for message in api.bulk.messages] == [row.task_id]
    assert api.queue.messages == []


def test_an_array_creates_one_task_per_entry_in_order(api: Api) -> None:
    drinks = [{"ingredients": ["milk"], "top_k": 1 + number % 20} for number in range(100)]
    response = api.http.post("/api/process", json=drinks)
    assert response.status_code == 202
    rows = [api.store.rows[task["task_id"]] for task in response.json()]
    assert [row.input.get("top_k", 5) for row in rows] == [drink["top_k"] for drink in drinks]
    assert len(api.queue.messages) == 100


def test_a_request_repeated_with_its_idempotency_key_returns_the_same_task(api: Api) -> None:
    """Only one task is created."""
    headers = {"Idempotency-Key": "k1"}
    first, again = (
        api.http.post("/api/process", params={"ingredients_joined": "milk"}, headers=headers)
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert len(api.store.rows) == 1


def test_a_reused_idempotency_key_is_rejected_for_another_body(api: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    api.http.post("/api/process", params={"ingredients_joined": "milk"}, headers=headers)
    other = api.http.post("/api/process", json={"ingredients": ["water"]}, headers=headers)
    assert other.status_code == 422
    assert problem_of(other) == "key-reused"
    assert len(api.store.rows) == 1


@pytest.mark.parametrize(("novelty", "status"), [(0.5, 202), (0.7, 422)])
def test_a_reused_idempotency_key_is_rejected_for_another_novelty(
    api: Api, novelty: float, status: int
) -> None:
    headers = {"Idempotency-Key": "k1"}
    api.http.post("/api/process", json={"novelty": 0.5}, headers=headers)
    other = api.http.post("/api/process", json={"novelty": novelty}, headers=headers)
    assert other.status_code == status


MILK = SMALL_VOCABULARY.ingredients[0]


@pytest.mark.parametrize(
    "deployed",
    [
        [replace(MILK, id="cow-milk"), *SMALL_VOCABULARY.ingredients[1:]],
        [replace(MILK, additive=True), *SMALL_VOCABULARY.ingredients[3:4]],
        SMALL_VOCABULARY.ingredients[1:],
    ],
    ids=["another id", "nothing to suggest", "no such name"],
)
def test_a_request_repeated_after_a_deployment_returns_the_same_task(
    api: Api, deployed: list[Ingredient]
) -> None:
    """Another model gives the names other ids, or does not know them. Case and order may differ."""
    headers = {"Idempotency-Key": "k1"}
    drink = {"ingredients": ["milk", "strawberry"], "top_k": 3}
    first = api.http.post("/api/process", json=drink, headers=headers)
    assert first.status_code == 202
    after = Api(store=api.store, queue=api.queue, vocabulary=Vocabulary(deployed))
    drink = {"ingredients": ["Strawberry", " MILK "], "top_k": 3.0}
    again = after.http.post("/api/process", json=drink, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(api.store.rows) == 1
    assert len(api.queue.messages) == 2


def test_a_request_that_the_model_refuses_is_refused_with_a_new_key(api: Api) -> None:
    api.http.post("/api/process", json={}, headers={"Idempotency-Key": "k1"})
    for key in ("k1", "k2"):
        drink = {"ingredients": ["gin"]}
        response = api.http.post("/api/process", json=drink, headers={"Idempotency-Key": key})
        assert (response.status_code, problem_of(response)) == (422, "unknown-ingredient")


def test_an_idempotency_key_cannot_have_a_hundred_tasks(api: Api) -> None:
    response = api.http.post("/api/process", json=[{}] * 100, headers={"Idempotency-Key": "k"})
    assert problem_of(response) == "invalid"


def test_one_bad_entry_rejects_the_whole_array(api: Api) -> None:
    """The problem has the index of the entry."""
    unknown = [{"ingredients": ["milk"]}, {"ingredients": ["strawbery"]}]
    response = api.http.post("/api/process", json=unknown)
    assert problem_of(response) == "unknown-ingredient"
    assert response.json()["index"] == 1
    response = api.http.post("/api/process", json=[{}, {}, {"top_k": 0}])
    assert problem_of(response) == "invalid"
    assert response.json()["index"] == 2
    assert response.json()["errors"][0]["at"] == "body[2].top_k"
    assert api.is_untouched()


def test_the_problem_of_an_unknown_ingredient_lists_similar_names(api: Api) -> None:
    """The detail and the field `unknown` contain them."""
    response = api.http.post("/api/process", params={"ingredients_joined": "milk;strawbery"})
    assert response.status_code == 422
    assert problem_of(response) == "unknown-ingredient"
    assert "did you mean strawberry?" in response.json()["detail"]
    assert response.json()["unknown"] == [{"name": "strawbery", "nearest": ["strawberry"]}]
    assert api.is_untouched()


def test_the_problem_of_an_alcoholic_drink_says_that_there_is_none(api: Api) -> None:
    """It has no similar names."""
    response = api.http.post("/api/process", json={"ingredients": ["milk", "rum"]})
    assert (response.status_code, problem_of(response)) == (422, "unknown-ingredient")
    assert "'rum' is not known: this bar serves no alcohol." in response.json()["detail"]
    assert response.json()["unknown"] == [{"name": "rum", "nearest": [], "alcohol": True}]


def test_unknown_ingredients_are_ignored_on_request(api: Api) -> None:
    """`ignore_unknown=true` works with a query and with a body."""
    task_id = api.submit(ingredients_joined="milk;xyzzy", ignore_unknown="true")
    assert api.store.rows[task_id].input == {"ingredients": ("milk",)}
    body = {"ingredients": ["milk", "xyzzy"], "only": ["plugh", "sugar"]}
    response = api.http.post("/api/process", json=body, params={"ignore_unknown": "true"})
    assert response.status_code == 202


def test_an_unknown_exclusion_is_never_ignored(api: Api) -> None:
    """The exclusion may be a misspelt allergy."""
    body = {"ingredients": ["milk"], "exclude": ["shugar"]}
    response = api.http.post("/api/process", json=body, params={"ignore_unknown": "true"})
    assert problem_of(response) == "unknown-ingredient"
    assert api.is_untouched()


def test_a_result_is_202_while_its_task_is_processing(api: Api) -> None:
    task_id = api.submit(ingredients_joined="milk")
    response = api.http.get(f"/api/result/{task_id}")
    assert response.status_code == 202
    assert response.json() == {"task_id": task_id, "status": "PROCESSING", "result": ""}
    assert response.headers["retry-after"] == "1"
    assert api.http.get(f"/api/status/{task_id}").json() == response.json()


def test_a_result_has_the_added_name_and_all_details(api: Api) -> None:
    """`result` is a plain name, as in the predecessor; the other fields are new."""
    task_id = api.submit(ingredients_joined="milk")
    succeed(api, task_id)
    response = api.http.get(f"/api/result/{task_id}")
    assert response.status_code == 200
    assert response.json() == {
        "task_id": task_id,
        "status": "SUCCESS",
        "result": "ginger",
        "suggestions": [
            {"ingredient": "ginger", "probability": 0.75},
            {"ingredient": "orange juice", "probability": 0.25},
        ],
        "error": None,
        "attempts": 1,
        "timings": {"queued": 0.2, "computed": 0.05, "total": 0.25},
        "model": "test",
        "receipt": None,
        "document": None,
        "kind": "next",
        "understood": None,
        "output": None,
        "parts": None,
        "metadata": None,
    }
    status = api.http.get(f"/api/status/{task_id}").json()
    assert status == {"task_id": task_id, "status": "SUCCESS", "result": ""}


def test_no_timing_is_negative_if_clocks_differ(api: Api) -> None:
    """The worker's clock is behind the API's, and steps back during the work."""
    task_id = api.submit(ingredients_joined="milk")
    early = api.clock.now - 5
    api.store.finish(task_id, Outcome(Status.SUCCESS, early - 1, early, {"added": ["sugar"]}))
    timings = api.http.get(f"/api/result/{task_id}").json()["timings"]
    assert timings == {"queued": 0, "computed": 0, "total": 0}


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("fr", "en"),
        ("ru; q=0.9", "ru"),
        ("ru;Q=0.9;x=1", "ru"),
        ("en;q=nan, ru", "ru"),
        ("ru;q=none", "en"),
        ("en;q=0.5, ru;q=5", "en"),
        ("ru;q=0", "en"),
        ("en-US,ru;q=0.7,en;q=0.3", "en"),
        ("ru-RU;q=0.2,en;q=0.3,ru;q=0.9", "ru"),
        ("*", "en"),
        ("*, en;q=0.5", "ru"),
        ("ru;q=0.4, *;q=0.5", "en"),
        ("en;q=0, *", "ru"),
        ("fr, *;q=0.5, ru;q=0.6", "ru"),
        ("ru, en", "ru"),
        ("en, ru", "en"),
        ("fr, ru;q=0.5", "ru"),
        ("ru;q=0.9,,", "ru"),
    ],
)
def test_names_are_in_the_preferred_language(api: Api, accept_language: str, language: str) -> None:
    """The highest weight of a language counts, and `*` stands for those that are not listed.

    Of two languages with equal weights, the first is preferred. The default is English.
    """
    task_id = api.submit(ingredients_joined="milk")
    succeed(api, task_id)
    response = api.http.get(f"/api/result/{task_id}", headers={"Accept-Language": accept_language})
    assert response.headers["content-language"] == language
    assert response.json()["result"] == {"en": "ginger", "ru": "имбирь"}[language]


def test_an_ingredient_missing_from_the_vocabulary_is_shown_by_its_id(api: Api) -> None:
    """The result may be of an older model."""
    task_id = api.submit(ingredients_joined="milk")
    api.store.finish(task_id, Outcome(Status.SUCCESS, api.clock.now, result={"added": ["gin"]}))
    assert api.http.get(f"/api/result/{task_id}").json()["result"] == "gin"


def test_exceeded_retries_have_the_predecessors_result_text(api: Api) -> None:
    """The field `error` has the details."""
    task_id = api.submit(ingredients_joined="milk")
    error = TaskError(ErrorType.MAX_RETRIES_EXCEEDED, "No response.", retryable=True)
    api.store.finish(task_id, Outcome(Status.FAIL, api.clock.now, error=error, attempts=4))
    body = api.http.get(f"/api/result/{task_id}").json()
    assert (body["status"], body["result"]) == ("FAIL", "max retried achieved")
    assert body["error"] == {
        "type": "max-retries-exceeded",
        "detail": "No response.",
        "retryable": True,
    }


@pytest.mark.parametrize("task_id", [NIL, "milk", "%00", "a" * 500])
def test_an_unknown_task_is_404(api: Api, task_id: str) -> None:
    """The status, result, cancellation and retry calls return the same problem."""
    for method, path in CALLS_OF_A_TASK:
        response = api.http.request(method, path.format(task_id))
        assert response.status_code == 404
        assert problem_of(response) == "task-not-found"


def test_the_task_of_another_api_key_is_404(api: Api) -> None:
    """The response is identical to that for an unknown id."""
    task_id = api.submit(ingredients_joined="milk")
    other_key = {"x-api-key": "another"}
    for method, path in CALLS_OF_A_TASK:
        response = api.http.request(method, path.format(task_id), headers=other_key)
        unknown = api.http.request(method, path.format(NIL), headers=other_key)
        assert (response.status_code, response.text) == (404, unknown.text)
    assert api.store.rows[task_id].status is Status.PROCESSING


def test_an_api_key_is_never_stored(api: Api) -> None:
    """The row has only a hash of it."""
    response = api.http.post("/api/process", headers={"x-api-key": "hush-hush"})
    row = api.store.rows[response.json()[0]["task_id"]]
    assert row.owner
    assert "hush" not in repr(row)


def test_a_task_past_its_retention_is_410(api: Api) -> None:
    task_id = api.submit()
    api.clock.now += 86_401
    response = api.http.get(f"/api/result/{task_id}")
    assert response.status_code == 410
    assert problem_of(response) == "task-expired"


def test_a_second_cancellation_is_409_with_the_status_of_the_task(api: Api) -> None:
    task_id = api.submit()
    response = api.http.delete(f"/api/task/{task_id}")
    assert (response.status_code, response.json()["status"]) == (200, "CANCELLED")
    response = api.http.delete(f"/api/task/{task_id}")
    assert response.status_code == 409
    assert problem_of(response) == "already-finished"
    assert response.json()["task_status"] == "CANCELLED"


def test_a_submission_is_503_if_the_queue_is_unavailable(api: Api) -> None:
    """The response has a Retry-After header."""
    api.queue.unavailable = True
    response = api.http.post("/api/process")
    assert response.status_code == 503
    assert problem_of(response) == "unavailable"
    assert response.headers["retry-after"] == "1"


def test_an_unexpected_error_is_500_without_its_message_or_traceback(api: Api) -> None:
    api.store.create = None  # type: ignore[assignment, method-assign]
    response = api.http.post("/api/process")
    assert response.status_code == 500
    assert problem_of(response) == "internal"
    assert "NoneType" not in response.text
    assert "Traceback" not in response.text


def test_ingredients_are_listed_with_their_roles(api: Api) -> None:
    """The list can be searched in both languages."""
    response = api.http.get("/api/ingredients", params={"q": "w"})
    assert [item["id"] for item in response.json()] == ["water", "strawberry"]
    response = api.http.get("/api/ingredients?q=апель", headers={"Accept-Language": "ru"})
    assert response.json() == [
        {
            "id": "orange-juice",
            "name": "апельсиновый сок",
            "aliases": ["orange juice"],
            "base": True,
            "additive": True,
            "contains": None,
            "look": None,
            "drinks": None,
        }
    ]


def test_health_names_the_model(api: Api) -> None:
    """HEAD is allowed too."""
    assert api.http.head("/api/health").status_code == 200
    assert api.http.get("/api/health").json() == {"status": "ok", "model": Artifacts.open().version}


def test_the_openapi_document_describes_a_drink_and_an_array_of_drinks(api: Api) -> None:
    operation = api.http.get("/openapi.json").json()["paths"]["/api/process"]["post"]
    [schema] = [content["schema"] for content in operation["requestBody"]["content"].values()]
    text = str(schema)
    assert "NextInput" in text
    assert "array" in text
    assert "application/problem+json" in operation["responses"]["422"]["content"]
