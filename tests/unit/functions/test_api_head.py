"""HEAD: the answer of GET without its body, through the adapter of API Gateway."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from functions.api.adapter import Adapter
from functions.api.middleware import MAX_HEADERS, MAX_URL
from functions.api.site import STATIC, VersionedFiles
from tests.unit.functions.conftest import Api, problem_of

UNKNOWN = "00000000-0000-7000-8000-000000000000"
ASSET = f"/page/{VersionedFiles(STATIC).version}/app.js"


def application(api: Api) -> FastAPI:
    assert isinstance(api.http.app, FastAPI)
    return api.http.app


def invoke(api: Api, method: str, path: str, **changes: Any) -> dict[str, Any]:
    """Call the handler with the event of a REST API's proxy integration."""
    event = {
        "resource": "/api/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": "gateway"},
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": None,
        "isBase64Encoded": False,
    }
    return Adapter(application(api))({**event, **changes}, None)  # type: ignore[arg-type]


def assert_same_but_for_the_body(api: Api, path: str, **changes: Any) -> int:
    """Check that HEAD is answered as GET, and return the status."""
    of_get = invoke(api, "GET", path, **changes)
    of_head = invoke(api, "HEAD", path, **changes)
    assert of_get["body"]
    assert of_head == {**of_get, "body": ""}
    length = len(of_get["body"].encode())
    assert of_head["headers"]["content-length"] == str(length)
    status: int = of_head["statusCode"]
    return status


def test_every_get_of_the_description_answers_head(api: Api) -> None:
    """This includes the results of a task and of a batch, which are 202 as for GET."""
    task_id = api.submit()
    array = api.http.post("/api/process", json=[{}, {}])
    batch_id = array.headers["location"].rpartition("/")[2]
    described = application(api).openapi()["paths"]
    paths = [path for path, operations in described.items() if "get" in operations]
    statuses = {
        path: assert_same_but_for_the_body(api, path.format(task_id=task_id, batch_id=batch_id))
        for path in paths
    }
    unfinished = dict.fromkeys(("/api/result/{task_id}", "/api/batches/{batch_id}"), 202)
    assert statuses == dict.fromkeys(paths, 200) | unfinished


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", ASSET])
def test_the_page_the_reference_and_their_assets_answer_head(api: Api, path: str) -> None:
    """Uptime monitors use HEAD."""
    assert assert_same_but_for_the_body(api, path) == 200


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        ("/api/nothing", {}, 404),
        ("/page/other/app.js", {}, 404),
        (f"/api/result/{UNKNOWN}", {}, 410),
        ("/api/status/x", {}, 404),
        ("/api/ingredients", {"queryStringParameters": {"limit": "0"}}, 422),
        ("/api/process", {}, 405),
        ("/api/queue", {"queryStringParameters": {"q": "a" * MAX_URL}}, 414),
        ("/api/queue", {"headers": {"A": "a" * MAX_HEADERS}}, 431),
        ("/api/queue", {"headers": {"Host": "a:b:c"}}, 400),
    ],
)
def test_a_problem_has_no_body_in_the_answer_to_head(
    api: Api, path: str, changes: dict[str, Any], status: int
) -> None:
    assert assert_same_but_for_the_body(api, path, **changes) == status


def test_head_of_an_unavailable_table_is_503(api: Api) -> None:
    task_id = api.submit()
    api.store.unavailable = True
    assert assert_same_but_for_the_body(api, f"/api/status/{task_id}") == 503


def test_head_of_a_failing_call_is_500(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.store, "get", None)
    assert assert_same_but_for_the_body(api, f"/api/status/{api.submit()}") == 500


def test_head_of_a_page_that_the_caller_has_is_304(api: Api) -> None:
    etag = invoke(api, "GET", "/")["headers"]["etag"]
    answer = invoke(api, "HEAD", "/", headers={"If-None-Match": etag})
    assert (answer["statusCode"], answer["body"]) == (304, "")


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/api/health", "/api/queue"])
def test_allow_lists_head_next_to_get(api: Api, path: str) -> None:
    response = api.http.patch(path)
    assert problem_of(response) == "method-not-allowed"
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/api/process", "POST"), ("/api/documents", "POST"), ("/api/task/x", "DELETE")],
)
def test_head_is_not_allowed_where_get_is_not(api: Api, path: str, allowed: str) -> None:
    response = api.http.head(path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "BREW"])
def test_an_unsupported_method_gets_the_allowed_ones(api: Api, method: str) -> None:
    response = api.http.request(method, "/api/process")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
