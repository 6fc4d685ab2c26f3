from __future__ import annotations

import pytest

from tests.unit.functions.conftest import Api

ORIGIN = "https://bar.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,prefer,x-api-key",
}


@pytest.fixture
def open_api() -> Api:
    """Return an API that allows one origin."""
    return Api(origins=ORIGIN)


def test_no_other_origin_is_allowed_by_default(api: Api) -> None:
    response = api.http.post("/api/process", headers={"Origin": ORIGIN})
    assert response.status_code == 202
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert api.http.options("/api/process", headers=PREFLIGHT).status_code == 405


def test_a_configured_origin_may_call_the_api(open_api: Api) -> None:
    """A page may send all headers that the API accepts, and read all that it returns."""
    preflight = open_api.http.options("/api/process", headers=PREFLIGHT)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    response = open_api.http.post("/api/process", headers={"Origin": ORIGIN})
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "Retry-After" in response.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_configured_origin_may_use_every_method_of_the_api(open_api: Api, method: str) -> None:
    asked = PREFLIGHT | {"Access-Control-Request-Method": method}
    assert open_api.http.options("/api/process", headers=asked).status_code == 200


def test_a_configured_origin_may_read_problems(open_api: Api) -> None:
    response = open_api.http.get("/api/result/x", headers={"Origin": ORIGIN})
    assert response.status_code == 404
    assert response.headers["access-control-allow-origin"] == ORIGIN


def test_any_other_origin_may_not_call_the_api(open_api: Api) -> None:
    """A preflight request is rejected, and a response cannot be read by the page."""
    other = {"Origin": "https://other.example"}
    assert open_api.http.options("/api/process", headers=PREFLIGHT | other).status_code == 400
    response = open_api.http.post("/api/process", headers=other)
    assert "access-control-allow-origin" not in response.headers


def test_origins_may_be_written_with_blanks_and_a_slash() -> None:
    """Browsers send an origin without either, and in lower case."""
    api = Api(origins=f" https://other.example , {ORIGIN.upper()}/ ,")
    response = api.http.post("/api/process", headers={"Origin": ORIGIN})
    assert response.headers["access-control-allow-origin"] == ORIGIN
