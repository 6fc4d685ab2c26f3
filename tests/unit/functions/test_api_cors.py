from __future__ import annotations

import pytest

from tests.unit.functions.conftest import Api

PAGE = "https://bar.example"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,prefer,x-api-key",
}


@pytest.fixture
def open_api() -> Api:
    """Return an API that one page elsewhere may call."""
    return Api(origins=PAGE)


def test_no_page_elsewhere_may_call_by_default(api: Api) -> None:
    """Without origins there is no header that lets a browser through."""
    answer = api.http.post("/api/process", headers={"Origin": PAGE})
    assert answer.status_code == 202
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert api.http.options("/api/process", headers=PREFLIGHT).status_code == 405


def test_a_named_origin_may_call(open_api: Api) -> None:
    """It may send what the calls take, and read what they answer with."""
    asked = open_api.http.options("/api/process", headers=PREFLIGHT)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == PAGE
    answer = open_api.http.post("/api/process", headers={"Origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_problem_can_be_read_too(open_api: Api) -> None:
    """An error that the browser hid would be no help."""
    answer = open_api.http.get("/api/result/x", headers={"Origin": PAGE})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == PAGE


def test_another_origin_may_not(open_api: Api) -> None:
    """Its preflight is refused, and its answers cannot be read."""
    elsewhere = {"Origin": "https://other.example"}
    assert open_api.http.options("/api/process", headers=PREFLIGHT | elsewhere).status_code == 400
    answer = open_api.http.post("/api/process", headers=elsewhere)
    assert "access-control-allow-origin" not in answer.headers
