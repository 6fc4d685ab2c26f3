"""The document store on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tasks.aws.client import translate_errors
from tasks.document_keys import SCHEME, checksum, split_uri
from tasks.errors import DocumentChanged, DocumentForbidden, DocumentNotFound
from tasks.ports import LINK_SECONDS, FileContent

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK: Final = 256 * 1024  # bytes
RANGE_ERROR: Final = "InvalidRange"  # the offset is beyond the end of the object
CHANGED_ERROR: Final = "PreconditionFailed"  # the object has another ETag
# Why S3 does not let this deployment read an object in another bucket: a policy, also if there is
# no such object; an archive; a key of KMS or of the customer; a bucket that does not exist.
FORBIDDEN_ERRORS: Final = frozenset(
    {
        "AccessDenied",
        "AllAccessDisabled",
        "InvalidObjectState",
        "InvalidRequest",
        "KMS.DisabledException",
        "KMS.KMSInvalidStateException",
        "KMS.NotFoundException",
        "NoSuchBucket",
        "PermanentRedirect",
    }
)


class S3DocumentStore:
    """The files in an S3 bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def uri(self, key: str) -> str:
        """Return an s3:// URI."""
        return f"{SCHEME}{self._bucket}/{key}"

    def upload_link(self, key: str, size: int, sha256: str | None = None) -> str:
        """Sign a PUT together with its Content-Length and checksum."""
        digest = {} if sha256 is None else {"ChecksumSHA256": checksum(sha256)}
        return self._link("put_object", Key=key, ContentLength=size, **digest)

    def download_link(self, key: str) -> str:
        """Sign a GET."""
        return self._link("get_object", Key=key)

    def _link(self, method: str, **parameters: str | int) -> str:
        parameters["Bucket"] = self._bucket
        link: str = self._client.generate_presigned_url(
            method, Params=parameters, ExpiresIn=LINK_SECONDS
        )
        return link

    def read(self, name: str, start: int = 0, etag: str = "") -> FileContent:
        """Stream the object. Its size follows from the answer, without a call of its own."""
        condition = {"IfMatch": etag} if etag else {}
        other, key = split_uri(name)
        with translate_errors():
            try:
                answer = self._client.get_object(
                    Bucket=other or self._bucket, Key=key, Range=f"bytes={start}-", **condition
                )
            except self._client.exceptions.NoSuchKey as error:
                raise DocumentNotFound from error
            except self._client.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                if code == CHANGED_ERROR:
                    raise DocumentChanged from error
                if other and code in FORBIDDEN_ERRORS:
                    raise DocumentForbidden(code) from error
                if code != RANGE_ERROR:
                    raise
                return FileContent(start, etag, iter(()))
        size = start + answer["ContentLength"]
        return FileContent(size, answer["ETag"], _chunks(answer["Body"]))

    def write(self, key: str, content: bytes) -> None:
        """Put the object."""
        with translate_errors():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)


def _chunks(body: Any) -> Iterator[bytes]:
    with translate_errors():
        yield from body.iter_chunks(CHUNK)
