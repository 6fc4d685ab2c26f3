"""Pages of other sites change nothing: without a gateway, no key keeps them out."""

from __future__ import annotations

import pytest

from tests.unit.functions.conftest import Api, problem_of

WEBHOOK = "/api/process?webhook=https://evil.example/"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", WEBHOOK),
        ("POST", "/api/documents"),
        ("POST", "/api/webhooks/secret"),
        ("DELETE", "/api/task/01a21e01-3eca-7000-ba23-938740ab8e99"),
    ],
)
def test_a_page_of_another_site_is_refused(api: Api, site: str, method: str, path: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Origin": "https://evil.example"}
    response = api.http.request(method, path, headers=headers)
    assert (response.status_code, problem_of(response)) == (403, "other-site")
    assert response.headers["cache-control"] == "no-store"
    assert api.is_untouched()


@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_the_own_page_and_other_programs_are_not_refused(api: Api, site: str | None) -> None:
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    assert api.http.post("/api/process", headers=headers).status_code == 202


def test_a_page_of_an_allowed_origin_is_not_refused() -> None:
    api = Api(origins="https://bar.example")
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://bar.example"}
    assert api.http.post("/api/process", headers=headers).status_code == 202


def test_another_site_may_link_to_a_result(api: Api) -> None:
    task_id = api.submit()
    response = api.http.get(f"/api/status/{task_id}", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 200
