"""The errors of S3 when a file of another bucket is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tasks.aws.client import create_client
from tasks.aws.s3 import FORBIDDEN_ERRORS, S3DocumentStore
from tasks.errors import DocumentChanged, DocumentForbidden, DocumentNotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

THEIRS = "s3://orders/in/drinks.txt"


class Bucket:
    """A store whose client answers with errors."""

    def __init__(self) -> None:
        client = create_client("s3")
        self.store = S3DocumentStore(client, "files")
        self.aws = Stubber(client)

    def refuse(self, code: str, status: int) -> None:
        self.aws.add_client_error("get_object", code, http_status_code=status)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "local")
    bucket = Bucket()
    with bucket.aws:
        yield bucket


@pytest.mark.parametrize("code", sorted(FORBIDDEN_ERRORS))
def test_an_error_that_the_owner_of_another_bucket_can_change_is_named(
    bucket: Bucket, code: str
) -> None:
    bucket.refuse(code, 403)
    with pytest.raises(DocumentForbidden) as caught:
        bucket.store.read(THEIRS)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NoSuchKey", 404, DocumentNotFound),
        ("PreconditionFailed", 412, DocumentChanged),
        ("SlowDown", 503, Unavailable),
        ("ExpiredToken", 400, ClientError),
    ],
)
def test_every_other_error_means_the_same_as_in_the_own_bucket(
    bucket: Bucket, code: str, status: int, error: type[Exception]
) -> None:
    for name in (THEIRS, "uploads/me/d1.txt"):
        bucket.refuse(code, status)
        with pytest.raises(error):
            bucket.store.read(name)


def test_a_refusal_in_the_own_bucket_is_a_fault_of_the_deployment(bucket: Bucket) -> None:
    """It is not hidden: an operator must repair the role."""
    bucket.refuse("AccessDenied", 403)
    with pytest.raises(ClientError):
        bucket.store.read("uploads/me/d1.txt")
