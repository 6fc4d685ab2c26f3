from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tasks.document_keys import MAX_DOCUMENT
from tasks.task import Lane, Outcome, Progress, Status
from tests.unit.functions.conftest import Api, problem_of

KEY = {"x-api-key": "ann"}


def new_document(api: Api, **body: Any) -> dict[str, Any]:
    response = api.http.post("/api/documents", json={"bytes": 10, **body}, headers=KEY)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


@pytest.mark.parametrize(("form", "suffix"), [("jsonl", ".jsonl"), ("text", ".txt")])
def test_a_new_document_gets_an_upload_link_for_its_size(api: Api, form: str, suffix: str) -> None:
    """The document is under the caller's own prefix, which does not contain the API key."""
    created = new_document(api, format=form)
    assert created["document"].startswith("s3://bucket/uploads/")
    assert created["document"].endswith(f"-000000000001{suffix}")
    assert "ann" not in created["document"]
    assert created["upload"]["method"] == "PUT"
    assert created["upload"]["url"].endswith("?size=10")
    assert created["expires_in"] == 900


def test_a_document_with_a_digest_is_named_after_it(api: Api) -> None:
    """The same content has the same name, so its submission can be repeated. S3 checks it."""
    digest, other = (hashlib.sha256(content).hexdigest() for content in (b"a", b"b"))
    created = new_document(api, sha256=digest)
    assert created["upload"]["url"].endswith(f"?size=10&sha256={digest}")
    assert created["upload"]["headers"] == {
        "x-amz-checksum-sha256": "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="
    }
    assert new_document(api, sha256=digest) == created
    assert new_document(api, sha256=other)["document"] != created["document"]
    assert new_document(api, sha256=digest, format="text")["document"] != created["document"]


def test_a_document_without_a_digest_has_a_new_name(api: Api) -> None:
    first, second = new_document(api), new_document(api)
    assert first["document"] != second["document"]
    assert first["upload"]["headers"] == {}


def test_a_submission_of_the_same_content_returns_the_same_task(api: Api) -> None:
    """Another content with the same key is refused."""
    headers = KEY | {"Idempotency-Key": "mine"}

    def submit(content: bytes) -> Any:
        uri = new_document(api, sha256=hashlib.sha256(content).hexdigest())["document"]
        return api.http.post("/api/process", json={"document": uri}, headers=headers)

    first, again, other = submit(b"a"), submit(b"a"), submit(b"b")
    assert again.json()[0]["task_id"] == first.json()[0]["task_id"]
    assert (other.status_code, problem_of(other)) == (422, "key-reused")


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"bytes": MAX_DOCUMENT + 1}, 413, "too-large"),
        ({"bytes": 0}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"bytes": 1, "format": "xml"}, 422, "invalid"),
        ({"bytes": 1, "name": "x"}, 422, "invalid"),
        ({"bytes": 1, "sha256": "A" * 64}, 422, "invalid"),
        ({"bytes": 1, "sha256": "a" * 63}, 422, "invalid"),
    ],
)
def test_a_document_with_an_unusable_size_or_format_is_rejected(
    api: Api, body: dict[str, Any], status: int, slug: str
) -> None:
    response = api.http.post("/api/documents", json=body)
    assert (response.status_code, problem_of(response)) == (status, slug)


def test_a_form_cannot_create_a_document(api: Api) -> None:
    response = api.http.post("/api/documents", data={"bytes": 10})
    assert (response.status_code, problem_of(response)) == (415, "unsupported-media-type")


def test_a_submitted_document_is_one_task_in_the_document_queue(api: Api) -> None:
    """The message has the defaults for the lines, as ids, and the language of the answers."""
    uri = new_document(api)["document"]
    body = {
        "document": uri,
        "top_k": 3,
        "exclude": ["сахар", "group:dairy"],
        "deadline_seconds": 60,
    }
    response = api.http.post("/api/process", json=body, headers=KEY | {"Accept-Language": "ru"})
    assert response.status_code == 202
    [message] = api.document_queue.messages
    assert message.input == {
        "document": uri.removeprefix("s3://bucket/"),
        "language": "ru",
        "defaults": {"top_k": 3, "exclude": ("group:dairy", "sugar")},
    }
    [row] = api.store.rows.values()
    assert (row.lane, row.deadline - row.created_at) == (Lane.DOCUMENT, 60)


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/uploads/OWNER/../bob/d1.jsonl",
        "s3://bucket/uploads/bob/d1.jsonl",
        "s3://bucket/results/OWNER/d1.jsonl",
        "s3://other/uploads/OWNER/d1.jsonl",
        "s3://bucket/uploads/OWNER/d1.jsonl",
        "s3://bucket/uploads/OWNER/.jsonl",
        "s3://bucket/uploads/OWNER/ID.exe",
        "s3://bucket/uploads/OWNER/ID.jsonl.jsonl",
        "s3://bucket/uploads/OWNER/ID\n.jsonl",
        "s3://bucket/uploads/OWNER/ID.jsonl\n",
        "s3://bucket/uploads/OWNER/{ID}.jsonl",
        "s3://bucket/uploads/OWNER/x/ID.jsonl",
        "s3://bucket/uploads/OWNER/00000000-0000-0000-0000-000000000000.jsonl",
        f"s3://bucket/uploads/OWNER/{'x' * 900}.jsonl",
        "https://bucket/uploads/OWNER/ID.jsonl",
        "s3://bucket",
        "",
    ],
)
def test_only_the_callers_own_documents_are_found(api: Api, uri: str) -> None:
    """A name is exactly the bucket, the owner's prefix, an id and a suffix."""
    *_, owner, name = new_document(api)["document"].split("/")
    document_id = name.removesuffix(".jsonl")
    body = {"document": uri.replace("OWNER", owner).replace("ID", document_id)}
    response = api.http.post("/api/process", json=body, headers=KEY)
    assert (response.status_code, problem_of(response)) == (404, "document-not-found")
    assert not api.store.rows


def test_a_document_is_repeated_although_another_language_is_preferred(api: Api) -> None:
    """The answers are in the language of the first request."""
    body = {"document": new_document(api)["document"], "exclude": ["sugar"]}
    first, again = (
        api.http.post(
            "/api/process",
            json=body,
            headers=KEY | {"Idempotency-Key": "k", "Accept-Language": language},
        )
        for language in ("ru", "en")
    )
    assert (again.status_code, again.json()) == (202, first.json())
    assert {message.input["language"] for message in api.document_queue.messages} == {"ru"}


@pytest.mark.parametrize(
    ("extra", "slug"),
    [
        ({"ingredients": ["milk"]}, "invalid"),
        ({"priority": "bulk"}, "invalid"),
        ({"top_k": 50}, "invalid"),
        ({"deadline_seconds": 10_000}, "invalid"),
        ({"exclude": ["strawbery"]}, "unknown-ingredient"),
        ({"exclude": ["group:dairi"]}, "unknown-ingredient"),
        ({"only": ["group:dairy"]}, "invalid"),
    ],
)
def test_unusable_options_of_a_document_are_rejected(
    api: Api, extra: dict[str, Any], slug: str
) -> None:
    """Nothing is written."""
    body = {"document": new_document(api)["document"], **extra}
    response = api.http.post("/api/process", json=body, headers=KEY)
    assert (response.status_code, problem_of(response)) == (422, slug)
    assert not api.store.rows


def test_a_document_can_have_the_ingredient_to_replace_in_its_lines(api: Api) -> None:
    """The drinks that must contain it are in the lines."""
    body = {"document": new_document(api)["document"], "kind": "substitute", "ingredient": "Sugar"}
    assert api.http.post("/api/process", json=body, headers=KEY).status_code == 202
    [message] = api.document_queue.messages
    assert message.input["defaults"] == {"kind": "substitute", "ingredient": "sugar"}


def test_a_drink_cannot_have_the_priority_document(api: Api) -> None:
    response = api.http.post("/api/process", json={"priority": "document"})
    assert (response.status_code, problem_of(response)) == (422, "invalid")


def submitted(api: Api) -> dict[str, Any]:
    body = {"document": new_document(api)["document"]}
    [task] = api.http.post("/api/process", json=body, headers=KEY).json()
    created: dict[str, Any] = task
    return created


def test_a_document_that_no_worker_has_read_has_a_progress_of_zero(api: Api) -> None:
    response = api.http.get(submitted(api)["url_result"], headers=KEY)
    assert response.status_code == 202
    zero = {"fraction": 0.0, "lines": 0, "answered": 0, "failed": 0}
    assert response.json()["progress"] == zero


def test_the_progress_of_a_document_is_the_last_report_of_its_worker(api: Api) -> None:
    """The status and the empty result stay as they were."""
    task = submitted(api)
    api.store.report_progress(task["task_id"], Progress(0.5, 2000, 1990, 10))
    assert api.http.get(task["url_result"], headers=KEY).json() == {
        "task_id": task["task_id"],
        "status": "PROCESSING",
        "result": "",
        "progress": {"fraction": 0.5, "lines": 2000, "answered": 1990, "failed": 10},
    }


def test_a_drink_has_no_progress(api: Api) -> None:
    response = api.http.get(f"/api/result/{api.submit(ingredients_joined='milk')}")
    assert response.status_code == 202
    assert "progress" not in response.json()


def test_the_result_of_a_document_has_a_download_link(api: Api) -> None:
    """Each response has a new link, because links expire."""
    body = {"document": new_document(api)["document"]}
    [task] = api.http.post("/api/process", json=body, headers=KEY).json()
    document = {"key": "results/me/t.jsonl", "lines": 3, "answered": 2, "failed": 1}
    ended = Outcome(Status.SUCCESS, api.clock.now, result={"document": document, "model": "v1"})
    assert api.store.finish(task["task_id"], ended)
    result = api.http.get(task["url_result"], headers=KEY).json()
    assert (result["result"], result["suggestions"], result["model"]) == ("", [], "v1")
    assert result["document"] == {
        "url": "https://bucket/results/me/t.jsonl",
        "expires_in": 900,
        "lines": 3,
        "answered": 2,
        "failed": 1,
    }


THEIRS = "s3://orders/in/drinks ü.txt"


@pytest.fixture
def reading() -> Api:
    """Return the API of a deployment that reads other buckets."""
    return Api(other_buckets="orders/in,archive")


@pytest.mark.parametrize("headers", [KEY, {"x-api-key": "bob"}, {}], ids=str)
def test_every_caller_may_name_a_file_of_a_listed_bucket(
    reading: Api, headers: dict[str, str]
) -> None:
    """The file of another bucket has no owner; the task has one, as always."""
    response = reading.http.post("/api/process", json={"document": THEIRS}, headers=headers)
    assert response.status_code == 202
    [message] = reading.document_queue.messages
    assert message.input == {"document": THEIRS, "language": "en", "defaults": {}}
    others = reading.http.get(response.json()[0]["url_result"], headers={"x-api-key": "eve"})
    assert others.status_code == 404


@pytest.mark.parametrize("places", ["", "orders/in,archive"])
def test_a_file_of_another_bucket_is_refused_with_the_reason(places: str) -> None:
    api = Api(other_buckets=places)
    uri = "s3://orders/private/drinks.txt"
    response = api.http.post("/api/process", json={"document": uri}, headers=KEY)
    assert (response.status_code, problem_of(response)) == (404, "document-not-found")
    read = "only from orders/in, archive" if places else "from no other bucket"
    assert response.json()["detail"] == (
        f"Documents of the bucket 'orders' are not read here: this service reads {read}. Upload "
        "the file with POST /api/documents, or ask the operator to change DocumentBuckets."
    )
    assert not api.store.rows


def test_a_name_in_a_listed_bucket_that_no_document_can_have_is_refused(reading: Api) -> None:
    body = {"document": "s3://archive/drinks.csv"}
    response = reading.http.post("/api/process", json=body, headers=KEY)
    assert (response.status_code, problem_of(response)) == (422, "invalid")
    [error] = response.json()["errors"]
    assert error["at"] == "body.document"
    assert "must end with .jsonl or .txt" in error["detail"]


def test_the_longest_name_of_a_file_can_be_sent(reading: Api) -> None:
    uri = f"s3://archive/{'x' * 1020}.txt"
    assert len(uri) < 5 + 63 + 1 + 1024
    assert reading.http.post("/api/process", json={"document": uri}).status_code == 202


def test_a_repeated_request_is_recognised_although_the_bucket_is_no_longer_listed(
    reading: Api,
) -> None:
    """The file is not read again once the task has ended; and the role of the worker decides."""
    headers = KEY | {"Idempotency-Key": "k"}
    first = reading.http.post("/api/process", json={"document": THEIRS}, headers=headers)
    later = Api(
        store=reading.store, document_queue=reading.document_queue, documents=reading.documents
    )
    again = later.http.post("/api/process", json={"document": THEIRS}, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
