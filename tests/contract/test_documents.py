"""The contract of `DocumentStore`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.storage.document_store import FileDocumentStore
from infra.simulation.aws.s3 import SimulatedS3
from infra.simulation.scheduler import Scheduler
from tasks.aws.client import create_client
from tasks.aws.s3 import CHUNK, S3DocumentStore
from tasks.document_keys import content_id, owned_key, upload_key
from tasks.errors import DocumentChanged, DocumentForbidden, DocumentNotFound
from tasks.ids import new_task_id
from tests.contract.conftest import simulated_client
from tests.fakes import NOW, FakeClock, InMemoryDocumentStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tasks.ports import DocumentStore
    from tests.conftest import Emulator

BUCKET = "contract-documents"
OTHER = "contract-orders"


@pytest.fixture(params=["fake", "real", "files", "simulated"])
def store(request: pytest.FixtureRequest) -> Iterator[DocumentStore]:
    """Return an empty store: the fake, a folder, a simulated bucket, or one in the emulator."""
    if request.param == "fake":
        yield InMemoryDocumentStore()
        return
    if request.param == "files":
        folder = request.getfixturevalue("tmp_path")
        yield FileDocumentStore(
            folder / "documents",
            "http://127.0.0.1/documents",
            b"secret",
            FakeClock(),
            other_buckets=folder / "buckets",
        )
        return
    if request.param == "simulated":
        yield S3DocumentStore(request.getfixturevalue("simulated_s3")[1], BUCKET)
        return
    emulator: Emulator = request.getfixturevalue("emulator")
    s3 = emulator.client("s3")
    for bucket in (BUCKET, OTHER):
        s3.create_bucket(Bucket=bucket)
    yield S3DocumentStore(create_client("s3"), BUCKET)
    for bucket in (BUCKET, OTHER):
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
            s3.delete_object(Bucket=bucket, Key=found["Key"])
        s3.delete_bucket(Bucket=bucket)


@pytest.fixture
def simulated_s3() -> tuple[SimulatedS3, Any]:
    """Return the simulated buckets, and a client for them."""
    backend = SimulatedS3(BUCKET, others=(OTHER,))
    return backend, simulated_client(backend, Scheduler(NOW))


@pytest.fixture
def put_elsewhere(
    store: DocumentStore, request: pytest.FixtureRequest
) -> Callable[[str, bytes], str]:
    """Return a function that puts a file into the other bucket, as its owner does."""

    def put(key: str, content: bytes) -> str:
        uri = f"s3://{OTHER}/{key}"
        if isinstance(store, InMemoryDocumentStore):
            store.files[uri] = content
        elif isinstance(store, FileDocumentStore):
            path = request.getfixturevalue("tmp_path") / "buckets" / OTHER / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif "simulated" in request.node.callspec.id:
            request.getfixturevalue("simulated_s3")[0].put(uri, content)
        else:
            client = request.getfixturevalue("emulator").client("s3")
            client.put_object(Bucket=OTHER, Key=key, Body=content)
        return uri

    return put


def test_a_file_is_read_from_any_offset(store: DocumentStore) -> None:
    """A read from the end of the file returns no bytes."""
    content = bytes(range(256)) * (CHUNK // 256 + 1)
    store.write("results/me/x.jsonl", content)
    assert b"".join(store.read("results/me/x.jsonl")) == content
    assert b"".join(store.read("results/me/x.jsonl", len(content) - 3)) == content[-3:]
    assert b"".join(store.read("results/me/x.jsonl", len(content))) == b""


@pytest.mark.parametrize("start", [0, 4, 10])
def test_a_read_from_any_offset_returns_the_size_of_the_whole_file(
    store: DocumentStore, start: int
) -> None:
    store.write("k", b"0123456789")
    assert store.read("k", start).size == 10


def test_an_empty_file_has_the_size_zero(store: DocumentStore) -> None:
    store.write("k", b"")
    content = store.read("k")
    assert (content.size, b"".join(content)) == (0, b"")


def test_a_second_write_replaces_the_first(store: DocumentStore) -> None:
    """Two deliveries of one message therefore leave one file."""
    store.write("k", b"first")
    store.write("k", b"second")
    assert b"".join(store.read("k")) == b"second"


def test_each_version_of_a_file_has_its_own_etag(store: DocumentStore) -> None:
    """It does not depend on the offset, and not only on the size."""
    store.write("k", b"first")
    first = store.read("k").etag
    assert first
    assert store.read("k", 2).etag == first
    store.write("k", b"other")
    assert store.read("k").etag not in ("", first)


def test_a_file_that_is_written_again_with_the_same_content_keeps_its_etag(
    store: DocumentStore,
) -> None:
    """A client that repeats an upload does not disturb the task that reads the file."""
    store.write("k", b"first")
    etag = store.read("k").etag
    store.write("k", b"first")
    assert b"".join(store.read("k", 1, etag)) == b"irst"


@pytest.mark.parametrize("start", [0, 2, 5, 6, 100])
def test_a_file_that_was_replaced_is_not_read_on(store: DocumentStore, start: int) -> None:
    """Not even from an offset beyond the end of the new version."""
    store.write("k", b"a longer file")
    etag = store.read("k").etag
    content = store.read("k", start, etag)
    assert (content.etag, b"".join(content)) == (etag, b"a longer file"[start:])
    store.write("k", b"short")
    with pytest.raises(DocumentChanged):
        b"".join(store.read("k", start, etag))


def test_the_chunks_of_a_file_that_is_replaced_meanwhile_are_those_of_one_version(
    store: DocumentStore,
) -> None:
    store.write("k", b"first")
    content = store.read("k")
    store.write("k", b"other")
    assert b"".join(content) == b"first"


def test_reading_a_missing_file_raises_document_not_found(store: DocumentStore) -> None:
    with pytest.raises(DocumentNotFound):
        b"".join(store.read("k"))


@pytest.mark.parametrize(
    "key", ["drinks.txt", "in/2026/drinks.jsonl", "a b/ü+%41?x#y&z='\"*.txt", "in/.hidden/~.txt"]
)
def test_a_file_of_another_bucket_is_read_by_its_uri(
    store: DocumentStore, put_elsewhere: Callable[[str, bytes], str], key: str
) -> None:
    """The key is taken literally: nothing in it is encoded."""
    uri = put_elsewhere(key, b"0123456789")
    content = store.read(uri, 4)
    assert (content.size, b"".join(content)) == (10, b"456789")
    with pytest.raises((DocumentNotFound, DocumentForbidden)):
        store.read(f"s3://{OTHER}/other-{key}")
    with pytest.raises(DocumentNotFound):
        store.read(key)


def test_a_file_of_another_bucket_that_was_replaced_is_not_read_on(
    store: DocumentStore, put_elsewhere: Callable[[str, bytes], str]
) -> None:
    uri = put_elsewhere("in/drinks.txt", b"first")
    etag = store.read(uri).etag
    assert b"".join(store.read(uri, 2, etag)) == b"rst"
    put_elsewhere("in/drinks.txt", b"other")
    with pytest.raises(DocumentChanged):
        store.read(uri, 2, etag)


def test_a_write_goes_to_the_own_bucket(
    store: DocumentStore, put_elsewhere: Callable[[str, bytes], str]
) -> None:
    """A file of another bucket with the same key stays as it is."""
    uri = put_elsewhere("results/me/t1.jsonl", b"theirs")
    store.write("results/me/t1.jsonl", b"ours")
    assert b"".join(store.read(uri)) == b"theirs"
    assert b"".join(store.read("results/me/t1.jsonl")) == b"ours"


def test_a_bucket_that_cannot_be_read_is_not_a_fault_of_the_deployment(
    store: DocumentStore,
) -> None:
    with pytest.raises((DocumentNotFound, DocumentForbidden)):
        store.read("s3://contract-nothing/drinks.txt")


def test_a_document_uri_leads_to_the_key_for_its_owner_only(store: DocumentStore) -> None:
    for document_id in (new_task_id(NOW), content_id("a" * 64)):
        key = upload_key("me", document_id, "text")
        assert owned_key(store, "me", store.uri(key)) == key
    with pytest.raises(DocumentNotFound):
        owned_key(store, "you", store.uri(key))


def test_a_link_names_the_file_and_an_upload_link_fixes_its_size(store: DocumentStore) -> None:
    """The signature of an upload link covers the size and the digest."""
    link, larger = (store.upload_link("uploads/me/d1.txt", size) for size in (77, 78))
    assert "uploads/me/d1.txt" in link
    assert link != larger
    if isinstance(store, S3DocumentStore):
        signed = parse_qs(urlsplit(link).query)["X-Amz-SignedHeaders"]
        assert signed == ["content-length;host"]
        checked = store.upload_link("k", 7, "a" * 64)
        signed = parse_qs(urlsplit(checked).query)["X-Amz-SignedHeaders"]
        assert signed == ["content-length;host;x-amz-checksum-sha256"]
    if isinstance(store, FileDocumentStore):
        assert parse_qs(urlsplit(link).query)["size"] == ["77"]
    named, other = (store.upload_link("k", 7, digit * 64) for digit in "ab")
    assert named != other != store.upload_link("k", 7)
    assert "results/me/t1.jsonl" in store.download_link("results/me/t1.jsonl")
