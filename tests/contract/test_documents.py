"""What every store of documents does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tasks.aws.client import create_client
from tasks.aws.s3 import CHUNK, S3DocumentStore
from tasks.document_keys import owned_key, upload_key
from tasks.errors import DocumentNotFound
from tests.fakes import InMemoryDocuments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.ports import DocumentStore
    from tests.conftest import Emulator

BUCKET = "contract-documents"


@pytest.fixture(params=["fake", "real"])
def store(request: pytest.FixtureRequest) -> Iterator[DocumentStore]:
    """Return an empty store: a dictionary, or a bucket in the emulator."""
    if request.param == "fake":
        yield InMemoryDocuments()
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield S3DocumentStore(create_client("s3"), BUCKET)
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def test_what_was_written_is_read(store: DocumentStore) -> None:
    """Every byte comes back, from the beginning or from anywhere."""
    content = bytes(range(256)) * (CHUNK // 256 + 1)
    store.write("results/me/x.jsonl", content)
    assert b"".join(store.read("results/me/x.jsonl")) == content
    assert b"".join(store.read("results/me/x.jsonl", len(content) - 3)) == content[-3:]
    assert b"".join(store.read("results/me/x.jsonl", len(content))) == b""


def test_a_second_write_replaces_the_first(store: DocumentStore) -> None:
    """Two deliveries of one message write one file."""
    store.write("k", b"first")
    store.write("k", b"second")
    assert b"".join(store.read("k")) == b"second"


def test_a_file_that_is_not_there_is_not_found(store: DocumentStore) -> None:
    """It is an error of its own, for its owner to be told."""
    with pytest.raises(DocumentNotFound):
        b"".join(store.read("k"))


def test_an_owner_s_document_has_a_name(store: DocumentStore) -> None:
    """The name that it was given leads to its key, and to nobody else's."""
    key = upload_key("me", "d1", "text")
    assert owned_key(store, "me", store.uri(key)) == key
    with pytest.raises(DocumentNotFound):
        owned_key(store, "you", store.uri(key))


def test_a_link_says_what_and_how_large(store: DocumentStore) -> None:
    """The key is in the link, and the size is a part of what is signed."""
    link, larger = (store.upload_link("uploads/me/d1.txt", size) for size in (77, 78))
    assert "uploads/me/d1.txt" in link
    assert link != larger
    if isinstance(store, S3DocumentStore):
        signed = parse_qs(urlsplit(link).query)["X-Amz-SignedHeaders"]
        assert signed == ["content-length;host"]
    assert "results/me/t1.jsonl" in store.download_link("results/me/t1.jsonl")
