"""A bucket of S3."""
# ruff: noqa: N803 - the parameters have AWS's names

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from infra.simulation.aws.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
PRECONDITION_FAILED: Final = 412
RANGE_NOT_SATISFIABLE: Final = 416
NOT_IMPLEMENTED: Final = 501
SIGNED: Final = {  # the parameters that become headers of a signed request
    "ContentLength": "content-length",
    "ChecksumSHA256": "x-amz-checksum-sha256",
}


@dataclass(frozen=True, slots=True)
class StreamingBody:
    """The body of an answer, which may break with an error after some bytes."""

    content: bytes
    breaks_at: int | None = None
    error: Exception | None = None

    def iter_chunks(self, chunk_size: int) -> Iterator[bytes]:
        """Yield the content in chunks."""
        for start in range(0, len(self.content[: self.breaks_at]), chunk_size):
            yield self.content[: self.breaks_at][start : start + chunk_size]
        if self.error is not None:
            raise self.error


class SimulatedS3:
    """The bucket: each method is an operation of S3.

    Attributes:
        objects: the objects by key; those of other buckets, which can only be read, by URI.

    Args:
        bucket: the name of the bucket.
        on_write: is called with the key and the content of each object that is put.
        on_read: is called with the key, the content and the offset of each read.
        others: the names of buckets that belong to others and can be read.
    """

    service: Final = "s3"

    def __init__(
        self,
        bucket: str,
        on_write: Callable[[str, bytes], None] = lambda _key, _content: None,
        on_read: Callable[[str, bytes, int], None] = lambda _key, _content, _start: None,
        others: Collection[str] = (),
    ) -> None:
        self._bucket = bucket
        self._others = others
        self._on_write = on_write
        self._on_read = on_read
        self.objects: dict[str, bytes] = {}

    def get_object(
        self, *, Bucket: str, Key: str, Range: str | None = None, IfMatch: str | None = None
    ) -> dict[str, Any]:
        """Return an object from an offset on, if its ETag is the expected one."""
        name = self._name(Bucket, Key)
        content = self._find(name, is_own=Bucket == self._bucket)
        if IfMatch is not None and IfMatch != etag_of(content):
            raise ServiceError("PreconditionFailed", status=PRECONDITION_FAILED)
        start = 0
        if Range is not None:
            matched = re.fullmatch(r"bytes=(\d+)-", Range)
            if matched is None:
                raise ServiceError("NotImplemented", Range, NOT_IMPLEMENTED)
            start = int(matched[1])
            if start >= len(content):
                raise ServiceError("InvalidRange", status=RANGE_NOT_SATISFIABLE)
        self._on_read(name, content, start)
        body = content[start:]
        return {
            "Body": StreamingBody(body),
            "ContentLength": len(body),
            "ETag": etag_of(content),
        }

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:
        """Put an object, replacing an existing one."""
        if self._name(Bucket, Key) != Key:
            raise ServiceError("AccessDenied", status=FORBIDDEN)
        self.put(Key, Body)
        return {"ETag": etag_of(Body)}

    def put(self, name: str, content: bytes) -> None:
        """Put an object as the owner of its bucket."""
        self.objects[name] = content
        self._on_write(name, content)

    def _find(self, name: str, *, is_own: bool) -> bytes:
        if name in self.objects:
            return self.objects[name]
        # Only who may list a bucket is told that it has no such object.
        code, status = ("NoSuchKey", NOT_FOUND) if is_own else ("AccessDenied", FORBIDDEN)
        raise ServiceError(code, status=status)

    def _name(self, bucket: str, key: str) -> str:
        """Return the key of an object, or its URI in another bucket."""
        if bucket == self._bucket:
            return key
        if bucket not in self._others:
            raise ServiceError("NoSuchBucket", status=NOT_FOUND)
        return f"s3://{bucket}/{key}"


def etag_of(content: bytes) -> str:
    """Return the ETag of an object that was put in one request without a customer key."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def presigned_url(method: str, parameters: Mapping[str, Any], seconds: int) -> str:
    """Return a URL whose signature covers the method and all parameters."""
    headers = ["host", *(SIGNED[name] for name in parameters if name in SIGNED)]
    covered = repr((method, sorted(parameters.items()), seconds))
    query = {
        "X-Amz-Expires": seconds,
        "X-Amz-SignedHeaders": ";".join(sorted(headers)),
        "X-Amz-Signature": hashlib.sha256(covered.encode()).hexdigest(),
    }
    return f"https://s3/{parameters['Bucket']}/{parameters['Key']}?{urlencode(query)}"
