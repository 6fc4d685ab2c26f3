"""Which files of other buckets callers may name as documents."""

from __future__ import annotations

import re

import pytest

from infra.local.template import read_template
from tasks.document_keys import upload_key
from tasks.errors import BucketRefused, DocumentMisnamed, DocumentNotFound, SettingsInvalid
from tasks.ids import new_task_id
from tasks.other_buckets import OtherBuckets, document_name
from tests.fakes import NOW, InMemoryDocumentStore

PLACES = "orders, archive/2026/in"
OTHERS = OtherBuckets.read({"DOCUMENT_BUCKETS": PLACES})


@pytest.mark.parametrize(
    "uri",
    [
        "s3://orders/drinks.txt",
        "s3://orders/a/b/drinks.jsonl",
        "s3://orders/.txt",
        "s3://orders/a b/ü?#%2e.txt",
        "s3://archive/2026/in/drinks.txt",
        f"s3://orders/{'ü' * 510}.txt",
    ],
)
def test_a_file_in_a_listed_place_may_be_named(uri: str) -> None:
    assert document_name(InMemoryDocumentStore(), OTHERS, "me", uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "s3://orders2/drinks.txt",
        "s3://order/drinks.txt",
        "s3://Orders/drinks.txt",
        "s3://archive/drinks.txt",
        "s3://archive/2026/drinks.txt",
        "s3://archive/2026/in2/drinks.txt",
        "s3://archive/2026/in.txt",
        "s3://archive//2026/in/drinks.txt",
    ],
)
def test_a_file_elsewhere_is_refused_with_the_places_that_are_read(uri: str) -> None:
    with pytest.raises(BucketRefused, match="only from orders, archive/2026/in"):
        document_name(InMemoryDocumentStore(), OTHERS, "me", uri)


@pytest.mark.parametrize("uri", ["s3:///orders/drinks.txt", "s3://", "orders/drinks.txt", ""])
def test_a_name_without_a_bucket_is_not_found(uri: str) -> None:
    with pytest.raises(DocumentNotFound):
        document_name(InMemoryDocumentStore(), OTHERS, "me", uri)


def test_without_a_list_no_other_bucket_is_read() -> None:
    with pytest.raises(BucketRefused, match="from no other bucket"):
        OtherBuckets.read({}).check("s3://orders/drinks.txt")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("drinks", "end with .jsonl or .txt"),
        ("drinks.csv", "end with .jsonl or .txt"),
        ("drinks.TXT", "end with .jsonl or .txt"),
        ("", "end with .jsonl or .txt"),
        (f"{'ü' * 511}.txt", "at most 1024 bytes"),
        ("../drinks.txt", "empty part"),
        ("a/../../drinks.txt", "empty part"),
        ("a//drinks.txt", "empty part"),
        ("./drinks.txt", "empty part"),
        ("/drinks.txt", "empty part"),
        ("drinks\n.txt", "control characters"),
        ("drinks\x00.txt", "control characters"),
    ],
)
def test_a_key_that_no_document_can_have_is_refused_with_the_reason(key: str, reason: str) -> None:
    with pytest.raises(DocumentMisnamed, match=reason):
        OTHERS.check(f"s3://orders/{key}")


def test_files_of_the_own_bucket_belong_to_their_owners_even_if_the_bucket_is_listed() -> None:
    """Otherwise every caller could read the uploads and results of all others."""
    store = InMemoryDocumentStore()
    listed = OtherBuckets.read({"DOCUMENT_BUCKETS": "bucket"})
    mine = store.uri(upload_key("me", new_task_id(NOW), "text"))
    assert document_name(store, listed, "me", mine) == mine.removeprefix("s3://bucket/")
    for uri in (mine, "s3://bucket/results/me/t1.jsonl"):
        with pytest.raises(DocumentNotFound):
            document_name(store, listed, "you", uri)


BAD_PLACES = ["orders/", "or", "Orders", "s3://orders", "orders/*", "orders//in", "a" * 64, "a,/b"]


@pytest.mark.parametrize("text", BAD_PLACES)
def test_a_list_that_cannot_be_used_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="such as orders,archive/in"):
        OtherBuckets.read({"DOCUMENT_BUCKETS": text})


def test_the_template_allows_the_same_lists() -> None:
    parameter = read_template()["Parameters"]["DocumentBuckets"]
    pattern = re.compile(parameter["AllowedPattern"])
    for text in ("", "orders", "orders,archive/2026/in", "a.b-c/d=e_f"):
        assert pattern.fullmatch(text)
        OtherBuckets.read({"DOCUMENT_BUCKETS": text})
    assert not any(map(pattern.fullmatch, BAD_PLACES))
