"""Every operation in /openapi.json succeeds with its examples, as "Execute" at /docs sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx2
import jsonschema_rs
import pytest

from infra.local.stack import StackSettings, running_stack
from suggester.kinds import load_registry
from tests.unit.functions.conftest import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = "tests.sentiment"
KINDS: Final = load_registry({"PIPELINES": PACKAGE}).kinds
DESCRIPTION: Final = Api(pipelines=PACKAGE).http.get("/openapi.json").json()
WAIT: Final = {"Prefer": "wait=20"}


class Call(NamedTuple):
    """An operation with one of its examples."""

    operation: str
    method: str
    path: str
    example: str
    body: Any


def _calls() -> Iterator[Call]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            for name, body in _examples(operation).items():
                yield Call(operation["operationId"], method, path, name, body)


def _examples(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the bodies of an operation by name; None stands for no body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return {"": None}
    if "examples" in content:
        return {name: example["value"] for name, example in content["examples"].items()}
    name = content["schema"]["$ref"].rpartition("/")[2]
    return {name: DESCRIPTION["components"]["schemas"][name]["examples"][0]}


CALLS: Final = list(_calls())
SUBMISSIONS: Final = [call for call in CALLS if call.operation == "submit_tasks"]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    settings = StackSettings(parameters={"Pipelines": PACKAGE, "BatchingWindow": "5"})
    with running_stack(settings) as url, httpx2.Client(base_url=url, timeout=30) as client:
        yield client


def path_of(http: httpx2.Client, call: Call) -> str:
    """Return the path of a call, for tasks to which it can be applied."""
    if "{" not in call.path:
        return call.path
    webhook = {"webhook": "http://127.0.0.1:9/"} if call.operation == "redeliver_task" else {}
    drinks = [{"priority": "bulk"}] * 2
    submitted = http.post("/api/process", json=drinks, params=webhook)
    batch_id = submitted.headers["Location"].rpartition("/")[2]
    task_id = submitted.json()[0]["task_id"]
    if call.operation in ("retry_task", "redeliver_task"):
        assert http.delete(f"/api/batches/{batch_id}").status_code == 200
    return call.path.format(task_id=task_id, batch_id=batch_id)


def send(http: httpx2.Client, call: Call, headers: dict[str, str] | None = None) -> Any:
    """Make a call, whose answer must be a success that conforms to the description."""
    response = http.request(call.method, path_of(http, call), json=call.body, headers=headers)
    assert response.status_code in (200, 201, 202), response.text
    responses = DESCRIPTION["paths"][call.path][call.method]["responses"]
    schema = responses[str(response.status_code)]["content"]["application/json"]["schema"]
    body = response.json()
    components = {"components": DESCRIPTION["components"]}
    jsonschema_rs.validate(schema | components, body)
    return body


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.operation} {call.example}")
def test_an_example_succeeds_as_it_stands(http: httpx2.Client, call: Call) -> None:
    send(http, call)


@pytest.mark.parametrize("call", SUBMISSIONS, ids=lambda call: call.example)
def test_the_tasks_of_an_example_succeed(http: httpx2.Client, call: Call) -> None:
    """With an answer to each kind, in the form that the description gives to this kind."""
    for result in send(http, call, WAIT):
        assert (result["status"], result["error"]) == ("SUCCESS", None)
        parts = result["parts"] or {}
        assert not any("error" in part for part in parts.values())
        if isinstance(result["kind"], list):
            assert list(parts) == result["kind"]


def test_every_kind_has_an_example_and_one_has_several() -> None:
    kinds = [call.body.get("kind", KINDS[0]) for call in SUBMISSIONS if isinstance(call.body, dict)]
    assert [kind for kind in kinds if isinstance(kind, str)] == list(KINDS)
    [several] = [kind for kind in kinds if isinstance(kind, list)]
    assert {"extract", "categorize", "next", "sentiment"} <= set(several)
