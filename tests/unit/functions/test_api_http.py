"""What every HTTP client may do: another spelling of an id, a slash at the end, an encoding."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.unit.functions.conftest import Api, problem_of

DRINK = json.dumps({"ingredients": ["milk"]}).encode()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "status"), ("GET", "result"), ("DELETE", "task")]
)
def test_an_id_may_be_written_in_upper_case(api: Api, method: str, path: str) -> None:
    [task] = api.http.post("/api/process", json=json.loads(DRINK)).json()
    response = api.http.request(method, f"/api/{path}/{task['task_id'].upper()}")
    assert response.status_code in (200, 202)
    assert response.json()["task_id"] == task["task_id"]


@pytest.mark.parametrize("path", ["/api/process/", "/api/queue/", "/api/status/x/"])
def test_a_slash_at_the_end_is_another_path(api: Api, path: str) -> None:
    """A redirect would lead to a URL without the stage of the gateway."""
    response = api.http.post(path, json={}, follow_redirects=False)
    assert problem_of(response) == "not-found"


@pytest.mark.parametrize("path", ["/api/process", "/api/documents"])
def test_a_compressed_body_is_refused_by_name(api: Api, path: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = api.http.post(path, content=gzip.compress(DRINK), headers=headers)
    assert response.status_code == 415
    assert response.json()["detail"] == (
        "The body is encoded as gzip, which this API does not read; send it without an encoding."
    )


def test_a_body_may_say_that_it_has_no_encoding(api: Api) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert api.http.post("/api/process", content=DRINK, headers=headers).status_code == 202


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("path", ["/api/process", "/api/documents"])
def test_only_utf_8_is_accepted(api: Api, path: str, encoding: str) -> None:
    headers = {"Content-Type": "application/json"}
    content = '{"bytes": 5}'.encode(encoding)
    response = api.http.post(path, content=content, headers=headers)
    assert response.status_code == 400
