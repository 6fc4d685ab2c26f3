"""Unit tests of the folder of documents: links, keys, a full disk and retention."""

from __future__ import annotations

import errno
import resource
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from infra.local.storage.document_store import INCOMING, FileDocumentStore
from infra.local.storage.errors import FolderUnusable, LinkInvalid
from infra.local.storage.links import load_secret
from tasks.errors import DocumentForbidden, DocumentNotFound, Unavailable
from tasks.ports import LINK_SECONDS
from tests.fakes import NOW, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "uploads/me/d1.txt"
DAY = 86_400


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> FileDocumentStore:
    return FileDocumentStore(
        tmp_path / "documents",
        lambda: "http://h/files",
        b"secret",
        clock,
        other_buckets=tmp_path / "buckets",
    )


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Let no file of this process grow beyond 10,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def query_of(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


def files_of(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_link_leads_to_the_stack_and_is_valid(store: FileDocumentStore) -> None:
    upload, download = store.upload_link(KEY, 77), store.download_link(KEY)
    assert upload.startswith(f"http://h/files/{KEY}?")
    store.verify("PUT", KEY, query_of(upload))
    store.verify("GET", KEY, query_of(download))


def test_a_link_expires(store: FileDocumentStore, clock: FakeClock) -> None:
    query = query_of(store.download_link(KEY))
    clock.now += LINK_SECONDS - 1
    store.verify("GET", KEY, query)
    clock.now += 1
    with pytest.raises(LinkInvalid, match="expired"):
        store.verify("GET", KEY, query)


@pytest.mark.parametrize(
    "change",
    [
        {"size": "78"},
        {"size": "077"},
        {"expires": str(int(NOW) + 100_000)},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"signature": ""},
        {"extra": "1"},
    ],
    ids=str,
)
def test_a_changed_link_is_refused(store: FileDocumentStore, change: dict[str, str]) -> None:
    query = query_of(store.upload_link(KEY, 77)) | change
    with pytest.raises(LinkInvalid, match="not valid"):
        store.verify("PUT", KEY, query)


@pytest.mark.parametrize("missing", ["size", "expires", "signature"])
def test_a_link_with_a_missing_part_is_refused(store: FileDocumentStore, missing: str) -> None:
    query = query_of(store.upload_link(KEY, 77))
    del query[missing]
    with pytest.raises(LinkInvalid):
        store.verify("PUT", KEY, query)


def test_a_link_is_valid_for_its_method_and_key_only(store: FileDocumentStore) -> None:
    query = query_of(store.download_link(KEY))
    for method, key in (("PUT", KEY), ("GET", "uploads/you/d1.txt"), ("GET", "")):
        with pytest.raises(LinkInvalid):
            store.verify(method, key, query)


def test_a_link_of_another_secret_is_refused(store: FileDocumentStore, tmp_path: Path) -> None:
    other = FileDocumentStore(tmp_path, "http://h", b"other", FakeClock())
    with pytest.raises(LinkInvalid):
        store.verify("GET", KEY, query_of(other.download_link(KEY)))


@pytest.mark.parametrize(
    "key",
    [
        "../secret",
        "uploads/../../secret",
        "/etc/passwd",
        "uploads//d1.txt",
        "uploads/./d1.txt",
        "uploads/me/",
        "",
        ".",
        "..",
        f"{INCOMING}/x",
        "a\\..\\b",
        "a\x00b",
        "a\n",
        "а",  # a Cyrillic letter
    ],
)
def test_no_key_leads_out_of_the_folder(store: FileDocumentStore, key: str, tmp_path: Path) -> None:
    """Such keys name no file: reads, writes and links are all refused."""
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(DocumentNotFound):
        b"".join(store.read(key))
    with pytest.raises(DocumentNotFound):
        store.write(key, b"x")
    with pytest.raises(DocumentNotFound):
        store.upload_link(key, 1)
    assert files_of(tmp_path) == ["secret"]


@pytest.mark.parametrize(
    "uri",
    [
        "s3://orders/../secret",
        "s3://orders/in/../../secret",
        "s3://../secret",
        "s3://./orders/drinks.txt",
        "s3://orders//etc/passwd",
        "s3://orders",
        "s3://orders/in",
        "s3://orders/a\x00b",
        "s3://orders/drinks.txt/more",
        f"s3://orders/{'x' * 300}",
        "s3://bills/drinks.txt",
    ],
)
def test_no_uri_leads_out_of_its_bucket(store: FileDocumentStore, uri: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "buckets/orders/in"
    folder.mkdir(parents=True)
    (folder.parent / "drinks.txt").write_bytes(b"milk")
    with pytest.raises(DocumentNotFound):
        store.read(uri)
    assert b"".join(store.read("s3://orders/drinks.txt")) == b"milk"


def test_a_file_of_another_bucket_that_the_user_may_not_read_is_forbidden(
    store: FileDocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """root, who runs the tests in a container, may read every file."""

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, mode, str(path))

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    with pytest.raises(DocumentForbidden):
        store.read("s3://orders/drinks.txt")


def test_files_of_other_buckets_are_never_deleted(store: FileDocumentStore, tmp_path: Path) -> None:
    path = tmp_path / "buckets/orders/drinks.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"milk")
    store.write(KEY, b"x")
    assert store.delete_expired(NOW + 999 * DAY, DAY) == 1
    assert files_of(tmp_path) == ["buckets/orders/drinks.txt"]


@pytest.mark.parametrize("key", ["results", "results/me.jsonl/more", "x" * 300])
def test_a_key_that_cannot_name_a_file_is_not_found(store: FileDocumentStore, key: str) -> None:
    """The first is a folder, the second is below a file, and the third is too long."""
    store.write("results/me.jsonl", b"x")
    with pytest.raises(DocumentNotFound):
        b"".join(store.read(key))


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_makes_a_write_unavailable_and_keeps_the_existing_file(
    store: FileDocumentStore, tmp_path: Path
) -> None:
    """No part of the new file is left."""
    store.write(KEY, b"first")
    with pytest.raises(Unavailable):
        store.write(KEY, b"x" * 20_000)
    assert b"".join(store.read(KEY)) == b"first"
    assert files_of(tmp_path) == [f"documents/{KEY}"]


def test_an_upload_that_breaks_off_leaves_nothing(store: FileDocumentStore, tmp_path: Path) -> None:
    with suppress(ConnectionResetError), store.writing(KEY) as write:
        write(b"half")
        raise ConnectionResetError
    assert files_of(tmp_path) == []


def test_a_file_appears_when_it_is_complete(store: FileDocumentStore) -> None:
    with store.writing(KEY) as write:
        write(b"one ")
        write(b"two")
        with pytest.raises(DocumentNotFound):
            b"".join(store.read(KEY))
    assert b"".join(store.read(KEY)) == b"one two"


def test_a_durable_store_writes_the_same_file(tmp_path: Path) -> None:
    store = FileDocumentStore(tmp_path, "http://h", b"secret", FakeClock(), durable=True)
    store.write(KEY, b"x")
    assert files_of(tmp_path) == [KEY]


def test_files_past_their_retention_are_deleted_with_their_folders(
    store: FileDocumentStore, clock: FakeClock, tmp_path: Path
) -> None:
    store.write("parts/me/t1/0-9.jsonl", b"old")
    clock.now += DAY
    store.write(KEY, b"new")
    assert store.delete_expired(NOW + 7 * DAY - 1, 7 * DAY) == 0
    assert store.delete_expired(NOW + 7 * DAY, 7 * DAY) == 1
    assert files_of(tmp_path) == [f"documents/{KEY}"]
    assert not (tmp_path / "documents/parts").exists()


def test_a_file_that_a_killed_process_did_not_complete_is_deleted_after_a_day(
    store: FileDocumentStore, tmp_path: Path
) -> None:
    writing = store.writing(KEY)
    writing.__enter__()
    [name] = files_of(tmp_path)
    modified = (tmp_path / name).stat().st_mtime
    assert store.delete_expired(modified + DAY - 1, 7 * DAY) == 0
    assert store.delete_expired(modified + DAY, 7 * DAY) == 1


def test_the_secret_of_a_folder_stays_the_same_and_only_the_user_can_read_it(
    tmp_path: Path,
) -> None:
    secret = load_secret(tmp_path / "data")
    assert len(secret) == 32
    assert load_secret(tmp_path / "data") == secret
    assert (tmp_path / "data/secret").stat().st_mode & 0o777 == 0o600
    assert files_of(tmp_path) == ["data/secret"]


def test_every_folder_has_its_own_secret(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "a") != load_secret(tmp_path / "b")


def test_a_secret_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable):
        load_secret(tmp_path / "file")
