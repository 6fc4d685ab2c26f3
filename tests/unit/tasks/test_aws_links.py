"""Links to files in S3, which are signed without a call of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from tasks.aws.client import create_client
from tasks.aws.s3 import S3DocumentStore
from tasks.ports import LINK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> S3DocumentStore:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    return S3DocumentStore(create_client("s3"), "files")


@pytest.mark.parametrize(
    "link_of",
    [
        lambda store: store.download_link("k"),
        lambda store: store.upload_link("k", 7),
        lambda store: store.upload_link("k", 7, "a" * 64),
    ],
    ids=["download", "upload", "upload with a digest"],
)
def test_a_link_has_the_bucket_in_its_path_and_no_checksum_of_a_body(
    store: S3DocumentStore, link_of: Callable[[S3DocumentStore], str]
) -> None:
    """It is therefore valid on emulators, and for every body."""
    link = link_of(store)
    parts = urlsplit(link)
    assert (parts.hostname, parts.path) == ("s3.eu-west-3.amazonaws.com", "/files/k")
    assert {name for name, _ in parse_qsl(parts.query)} == {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }


def test_a_link_is_valid_for_fifteen_minutes(store: S3DocumentStore) -> None:
    assert LINK_SECONDS == 15 * 60
    for link in (store.upload_link("k", 7), store.download_link("k")):
        assert dict(parse_qsl(urlsplit(link).query))["X-Amz-Expires"] == str(LINK_SECONDS)
