"""The files of the local stack: links are signed for one method, as on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from infra.local.files import FilesMiddleware
from infra.local.storage.document_store import FileDocumentStore
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from pathlib import Path

KEY = "uploads/me/d1.txt"
CONTENT = b"milk\n"
ORIGIN = "https://bar.example"


@pytest.fixture
def store(tmp_path: Path) -> FileDocumentStore:
    return FileDocumentStore(tmp_path, "http://testserver/files", b"secret", FakeClock())


@pytest.fixture
def http(store: FileDocumentStore) -> TestClient:
    return TestClient(FilesMiddleware(Starlette(), store, [ORIGIN]))


def test_a_file_is_uploaded_and_downloaded(store: FileDocumentStore, http: TestClient) -> None:
    assert http.put(store.upload_link(KEY, len(CONTENT)), content=CONTENT).status_code == 200
    response = http.get(store.download_link(KEY))
    assert (response.status_code, response.content) == (200, CONTENT)


def test_a_link_for_get_is_not_valid_for_head(store: FileDocumentStore, http: TestClient) -> None:
    store.write(KEY, CONTENT)
    assert http.head(store.download_link(KEY)).status_code == 403


def test_allow_lists_all_methods_of_a_file(store: FileDocumentStore, http: TestClient) -> None:
    response = http.delete(store.download_link(KEY))
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}


def test_a_configured_origin_may_upload_and_download(
    store: FileDocumentStore, http: TestClient
) -> None:
    """The bucket of the template allows the same."""
    asked = {"Origin": ORIGIN, "Access-Control-Request-Headers": "x-amz-checksum-sha256"}
    for method in ("GET", "PUT"):
        headers = asked | {"Access-Control-Request-Method": method}
        preflight = http.options(store.upload_link(KEY, 1), headers=headers)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == ORIGIN
    refused = http.get(f"/files/{KEY}", headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (403, ORIGIN)


def test_any_other_origin_may_do_neither(store: FileDocumentStore, http: TestClient) -> None:
    headers = {"Origin": "https://other.example", "Access-Control-Request-Method": "PUT"}
    assert http.options(store.upload_link(KEY, 1), headers=headers).status_code == 400
