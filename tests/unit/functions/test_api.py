from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suggester.artifacts import Artifacts
from tasks.task import ErrorType, Outcome, Status, TaskError
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

NIL = "00000000-0000-0000-0000-000000000000"
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


def test_the_query_form_answers_as_the_predecessor_did(api: Api) -> None:
    """Names with `;` between them give a list with one task and where its result will be."""
    answer = api.http.post("/api/process", params={"ingredients_joined": "молоко;Strawberry"})
    [task] = answer.json()
    assert answer.status_code == 202
    assert set(task) == {"task_id", "status", "url_result"}
    assert task["status"] == "PROCESSING"
    assert task["url_result"] == f"/api/result/{task['task_id']}"
    assert answer.headers["location"] == f"result/{task['task_id']}"
    assert answer.headers["retry-after"] == "1"
    assert api.store.rows[task["task_id"]].input == {"ingredients": ("milk", "strawberry")}


@pytest.mark.parametrize("query", [{}, {"ingredients_joined": ""}, {"ingredients_joined": " ; ;"}])
def test_no_ingredients_ask_for_a_base(api: Api, query: dict[str, str]) -> None:
    """An empty drink is a drink."""
    assert api.store.rows[api.submit(**query)].input == {}


def test_a_json_body_may_say_more(api: Api) -> None:
    """Every field of a submission reaches the task, as ids."""
    body = {
        "ingredients": ["Milk", "milk"],
        "kind": "complete",
        "length": 4,
        "top_k": 3,
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
        "top_k": 3,
        "exclude": ("sugar",),
        "only": ("ginger", "strawberry"),
    }
    assert row.deadline == api.clock.now + 60
    assert [message.task_id for message in api.bulk.messages] == [row.task_id]
    assert api.queue.messages == []


def test_an_array_is_one_task_per_entry_in_order(api: Api) -> None:
    """A hundred drinks in one request are a hundred tasks, in the order they were sent."""
    drinks = [{"ingredients": ["milk"], "top_k": 1 + number % 20} for number in range(100)]
    answer = api.http.post("/api/process", json=drinks)
    assert answer.status_code == 202
    rows = [api.store.rows[task["task_id"]] for task in answer.json()]
    assert [row.input.get("top_k", 5) for row in rows] == [drink["top_k"] for drink in drinks]
    assert len(api.queue.messages) == 100


def test_an_idempotency_key_gives_the_same_task(api: Api) -> None:
    """A request that is repeated with its key is carried out once; another body is refused."""
    headers = {"Idempotency-Key": "k1"}
    first, again = (
        api.http.post("/api/process", params={"ingredients_joined": "milk"}, headers=headers)
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    other = api.http.post("/api/process", json={"ingredients": ["water"]}, headers=headers)
    assert other.status_code == 422
    assert problem_of(other) == "key-reused"
    assert len(api.store.rows) == 1
    many = api.http.post("/api/process", json=[{}] * 100, headers={"Idempotency-Key": "k2"})
    assert problem_of(many) == "invalid"


def test_one_bad_entry_refuses_the_array_and_is_named(api: Api) -> None:
    """All or none: nothing is written, and the answer tells which entry it is about."""
    unknown = [{"ingredients": ["milk"]}, {"ingredients": ["strawbery"]}]
    answer = api.http.post("/api/process", json=unknown)
    assert problem_of(answer) == "unknown-ingredient"
    assert answer.json()["index"] == 1
    answer = api.http.post("/api/process", json=[{}, {}, {"top_k": 0}])
    assert problem_of(answer) == "invalid"
    assert answer.json()["index"] == 2
    assert answer.json()["errors"][0]["at"] == "body[2].top_k"
    assert api.is_untouched()


def test_an_unknown_ingredient_is_met_with_its_nearest_names(api: Api) -> None:
    """The answer names what was meant, in a sentence and as data."""
    answer = api.http.post("/api/process", params={"ingredients_joined": "milk;strawbery"})
    assert answer.status_code == 422
    assert problem_of(answer) == "unknown-ingredient"
    assert "did you mean strawberry?" in answer.json()["detail"]
    assert answer.json()["unknown"] == [{"name": "strawbery", "nearest": ["strawberry"]}]
    assert api.is_untouched()


def test_unknown_ingredients_are_left_out_on_request(api: Api) -> None:
    """With `ignore_unknown=true` the rest of the drink is taken, in both forms."""
    task_id = api.submit(ingredients_joined="milk;xyzzy", ignore_unknown="true")
    assert api.store.rows[task_id].input == {"ingredients": ("milk",)}
    body = {"ingredients": ["milk", "xyzzy"], "only": ["plugh", "sugar"]}
    answer = api.http.post("/api/process", json=body, params={"ignore_unknown": "true"})
    assert answer.status_code == 202


def test_an_unknown_exclusion_is_never_left_out(api: Api) -> None:
    """A misspelt allergy is refused, whatever else may be ignored."""
    body = {"ingredients": ["milk"], "exclude": ["shugar"]}
    answer = api.http.post("/api/process", json=body, params={"ignore_unknown": "true"})
    assert problem_of(answer) == "unknown-ingredient"
    assert api.is_untouched()


def test_a_result_is_202_until_it_is_there(api: Api) -> None:
    """While a task is worked on, its result asks the caller to come again."""
    task_id = api.submit(ingredients_joined="milk")
    answer = api.http.get(f"/api/result/{task_id}")
    assert answer.status_code == 202
    assert answer.json() == {"task_id": task_id, "status": "PROCESSING", "result": ""}
    assert answer.headers["retry-after"] == "1"
    assert api.http.get(f"/api/status/{task_id}").json() == answer.json()


def test_a_result_is_a_plain_name_with_more_beside_it(api: Api) -> None:
    """`result` is what the predecessor gave; suggestions, attempts and times stand beside it."""
    task_id = api.submit(ingredients_joined="milk")
    succeed(api, task_id)
    answer = api.http.get(f"/api/result/{task_id}")
    assert answer.status_code == 200
    assert answer.json() == {
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
    }
    status = api.http.get(f"/api/status/{task_id}").json()
    assert status == {"task_id": task_id, "status": "SUCCESS", "result": ""}


@pytest.mark.parametrize(
    ("accepted", "language"),
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
    ],
)
def test_names_come_in_the_language_that_is_asked_for(
    api: Api, accepted: str, language: str
) -> None:
    """The dearest language of the header that there is, English otherwise."""
    task_id = api.submit(ingredients_joined="milk")
    succeed(api, task_id)
    answer = api.http.get(f"/api/result/{task_id}", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert answer.json()["result"] == {"en": "ginger", "ru": "имбирь"}[language]


def test_an_ingredient_that_a_newer_model_dropped_shows_its_id(api: Api) -> None:
    """A result outlives the vocabulary it was made with."""
    task_id = api.submit(ingredients_joined="milk")
    api.store.finish(task_id, Outcome(Status.SUCCESS, api.clock.now, result={"added": ["gin"]}))
    assert api.http.get(f"/api/result/{task_id}").json()["result"] == "gin"


def test_retries_that_ran_out_read_as_they_always_did(api: Api) -> None:
    """`result` is the predecessor's sentence; `error` says it in full."""
    task_id = api.submit(ingredients_joined="milk")
    error = TaskError(ErrorType.MAX_RETRIES_EXCEEDED, "No answer.", retryable=True)
    api.store.finish(task_id, Outcome(Status.FAIL, api.clock.now, error=error, attempts=4))
    body = api.http.get(f"/api/result/{task_id}").json()
    assert (body["status"], body["result"]) == ("FAIL", "max retried achieved")
    assert body["error"] == {
        "type": "max-retries-exceeded",
        "detail": "No answer.",
        "retryable": True,
    }


@pytest.mark.parametrize("task_id", [NIL, "milk", "%00", "a" * 500])
def test_an_unknown_task_is_404(api: Api, task_id: str) -> None:
    """Whatever no task is called by is not found, by every call."""
    for method, path in (("GET", "status"), ("GET", "result"), ("DELETE", "task")):
        answer = api.http.request(method, f"/api/{path}/{task_id}")
        assert answer.status_code == 404
        assert problem_of(answer) == "task-not-found"


def test_another_key_s_task_is_as_good_as_unknown(api: Api) -> None:
    """Its answer is the same, to the letter, as that of an id that never was."""
    task_id = api.submit(ingredients_joined="milk")
    theirs = {"x-api-key": "another"}
    for method, path in (("GET", "status"), ("GET", "result"), ("DELETE", "task")):
        answer = api.http.request(method, f"/api/{path}/{task_id}", headers=theirs)
        unknown = api.http.request(method, f"/api/{path}/{NIL}", headers=theirs)
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert api.store.rows[task_id].status is Status.PROCESSING


def test_a_key_is_never_stored(api: Api) -> None:
    """The row knows a hash of the caller's key and not the key."""
    answer = api.http.post("/api/process", headers={"x-api-key": "hush-hush"})
    row = api.store.rows[answer.json()[0]["task_id"]]
    assert row.owner
    assert "hush" not in repr(row)


def test_a_task_past_its_retention_is_410(api: Api) -> None:
    """An expired task is told apart from one that never was."""
    task_id = api.submit()
    api.clock.now += 86_401
    answer = api.http.get(f"/api/result/{task_id}")
    assert answer.status_code == 410
    assert problem_of(answer) == "task-expired"


def test_a_cancel_says_what_happened(api: Api) -> None:
    """200 once, then 409 with the status that the task has."""
    task_id = api.submit()
    answer = api.http.delete(f"/api/task/{task_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    answer = api.http.delete(f"/api/task/{task_id}")
    assert answer.status_code == 409
    assert problem_of(answer) == "already-finished"
    assert answer.json()["task_status"] == "CANCELLED"


def test_a_table_or_queue_that_does_not_answer_is_503(api: Api) -> None:
    """The caller is told that it is safe to send the same again, and when."""
    api.queue.unavailable = True
    answer = api.http.post("/api/process")
    assert answer.status_code == 503
    assert problem_of(answer) == "unavailable"
    assert answer.headers["retry-after"] == "1"


def test_a_fault_of_ours_shows_nothing_of_itself(api: Api) -> None:
    """An error that nobody foresaw is 500 without its message or a trace."""
    api.store.create = None  # type: ignore[assignment, method-assign]
    answer = api.http.post("/api/process")
    assert answer.status_code == 500
    assert problem_of(answer) == "internal"
    assert "NoneType" not in answer.text
    assert "Traceback" not in answer.text


def test_ingredients_are_listed_with_their_roles(api: Api) -> None:
    """The list can be searched, and speaks the caller's language."""
    answer = api.http.get("/api/ingredients", params={"q": "w"})
    assert [item["id"] for item in answer.json()] == ["water", "strawberry"]
    answer = api.http.get("/api/ingredients?q=апель", headers={"Accept-Language": "ru"})
    assert answer.json() == [
        {"id": "orange-juice", "name": "апельсиновый сок", "base": True, "additive": True}
    ]


def test_health_names_the_model(api: Api) -> None:
    """Health is open and says which model's names are served; HEAD will do."""
    assert api.http.head("/api/health").status_code == 200
    assert api.http.get("/api/health").json() == {"status": "ok", "model": Artifacts.open().version}


def test_the_docs_describe_both_forms_of_a_body(api: Api) -> None:
    """OpenAPI shows a drink and an array of drinks, and the problems."""
    operation = api.http.get("/openapi.json").json()["paths"]["/api/process"]["post"]
    [schema] = [content["schema"] for content in operation["requestBody"]["content"].values()]
    text = str(schema)
    assert "Drink" in text
    assert "array" in text
    assert "application/problem+json" in operation["responses"]["422"]["content"]
