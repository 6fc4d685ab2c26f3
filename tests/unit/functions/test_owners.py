"""The owner of a request: a hash of its API key, or of the part that keys of one owner share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions.api.owners import KEY_MARK, RANDOM_LENGTH, owner_of, owner_part
from tasks.task import Status
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    import httpx2

    from tests.unit.functions.conftest import Api

FIRST = "bXq0" * 10  # as long as the keys that API Gateway generates
SECRET = "0aZ9" * 10
SECOND = f"{FIRST}{KEY_MARK}{SECRET}"


def headers(key: str) -> dict[str, str]:
    return {"x-api-key": key}


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        ("", "e3b0c44298fc1c149afbf4c8996fb924"),
        ("ann", "49915e0d7d4b402e3017d010bc1c0e83"),
        (FIRST, "6f2360dedb7ed05877076c00b6060810"),
    ],
)
def test_the_owner_of_a_key_never_changes(key: str, owner: str) -> None:
    """Rows and documents of earlier versions have these owners."""
    assert owner_of(key) == owner


def test_keys_with_the_same_first_part_have_the_same_owner() -> None:
    """Two of them may be in use at the same time."""
    other = f"{FIRST}{KEY_MARK}{'1' * RANDOM_LENGTH}"
    assert owner_of(SECOND) == owner_of(other) == owner_of(FIRST)
    assert owner_of(f"another{KEY_MARK}{SECRET}") == owner_of("another")


def test_a_key_that_replaces_a_generated_one_fits_into_api_gateway() -> None:
    """A value has at most 128 characters, and those that API Gateway generates have 40."""
    assert len(SECOND) == 40 + len(KEY_MARK) + RANDOM_LENGTH <= 128


@pytest.mark.parametrize(
    "key",
    [
        FIRST,
        f"{FIRST}{KEY_MARK}",
        SECOND[:-1],
        f"{SECOND}0",
        f"{SECOND}\n",
        f"{SECOND[:-1]}.",
        f"{SECOND[:-1]}\u0663",
        f"{FIRST}{KEY_MARK.lower()}{SECRET}",
        f"{FIRST}{KEY_MARK.upper()}{SECRET}",
        f"{KEY_MARK}{SECRET}",
    ],
)
def test_any_other_key_has_an_owner_of_its_own(key: str) -> None:
    """Only the exact form has two parts, so no key that was chosen by hand changes its owner."""
    assert owner_part(key) == key


def test_only_the_last_random_part_is_left_out() -> None:
    """`make rotate-key` replaces the random part."""
    assert owner_part(f"{SECOND}{KEY_MARK}{SECRET}") == SECOND


def test_the_new_key_sees_and_cancels_the_tasks_of_the_old_one(api: Api) -> None:
    [task] = api.http.post("/api/process", headers=headers(FIRST)).json()
    assert api.http.get(f"/api/status/{task['task_id']}", headers=headers(SECOND)).is_success
    assert api.http.delete(f"/api/task/{task['task_id']}", headers=headers(SECOND)).is_success
    assert api.store.rows[task["task_id"]].status is Status.CANCELLED


def test_the_old_key_sees_the_tasks_of_the_new_one(api: Api) -> None:
    """Both are in use until all callers have changed."""
    [task] = api.http.post("/api/process", headers=headers(SECOND)).json()
    assert api.http.get(f"/api/result/{task['task_id']}", headers=headers(FIRST)).is_success


def test_a_submission_may_be_repeated_with_the_new_key(api: Api) -> None:
    """Both keys have the same Idempotency-Keys."""
    once = {"Idempotency-Key": "order-17"}
    tasks = [
        api.http.post("/api/process", headers=headers(key) | once).json() for key in (FIRST, SECOND)
    ]
    assert tasks[0] == tasks[1]
    assert len(api.store.rows) == 1


def test_the_new_key_submits_a_document_of_the_old_one(api: Api) -> None:
    created = api.http.post("/api/documents", json={"bytes": 10}, headers=headers(FIRST)).json()
    assert submit_document(api, created["document"], SECOND).status_code == 202


def test_the_id_of_an_owner_is_no_key(api: Api) -> None:
    """The names of documents contain it, and callers may show these to others."""
    created = api.http.post("/api/documents", json={"bytes": 10}, headers=headers(FIRST)).json()
    owner = created["document"].split("/")[4]
    assert owner == owner_of(FIRST)
    for key in (owner, f"{owner}{KEY_MARK}{SECRET}"):
        response = submit_document(api, created["document"], key)
        assert (response.status_code, problem_of(response)) == (404, "document-not-found")


def submit_document(api: Api, document: str, key: str) -> httpx2.Response:
    return api.http.post("/api/process", json={"document": document}, headers=headers(key))
