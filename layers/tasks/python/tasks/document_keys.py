"""The names and checksums of files in the bucket. A document is a file of many drinks."""

from __future__ import annotations

import base64
import re
import uuid
from typing import TYPE_CHECKING, Final, Literal

from tasks.errors import DocumentNotFound

if TYPE_CHECKING:
    from tasks.ports import DocumentStore

Format = Literal["jsonl", "text"]

CONTENT: Final = uuid.UUID("62e2c8a3-67cb-41e8-9bf7-4538aaca9df8")  # the namespace of digests
ID_VERSIONS: Final = (5, 7)  # of the UUIDs of `content_id` and of `tasks.ids.new_task_id`
MAX_DOCUMENT: Final = 32 * 1024 * 1024  # bytes
MAX_LINES: Final = 100_000
SCHEME: Final = "s3://"
SUFFIXES: Final[dict[Format, str]] = {"jsonl": ".jsonl", "text": ".txt"}


def split_uri(name: str) -> tuple[str, str]:
    """Return the bucket and the key of an s3:// URI; the bucket of any other name is empty.

    A URI is not encoded: each character of the key stands for itself.
    """
    if not name.startswith(SCHEME):
        return "", name
    bucket, _, key = name.removeprefix(SCHEME).partition("/")
    return bucket, key


def content_id(sha256: str) -> str:
    """Return the id of a document with this digest (hexadecimal): the same content, the same id.

    It is a UUIDv5 (RFC 9562, section 5.5).
    """
    return str(uuid.uuid5(CONTENT, sha256))


def checksum(sha256: str) -> str:
    """Return a digest (hexadecimal) as S3 expects it: in base64."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def checksum_headers(sha256: str | None) -> dict[str, str]:
    """Return the headers of an upload, by which S3 compares the content with its digest."""
    return {} if sha256 is None else {"x-amz-checksum-sha256": checksum(sha256)}


def upload_key(owner: str, document_id: str, document_format: Format) -> str:
    """Return the key under which an owner may upload a document."""
    return f"uploads/{owner}/{document_id}{SUFFIXES[document_format]}"


def result_key(owner: str, task_id: str, model: str, etag: str) -> str:
    """Return the key of the file with this model's answers to this version of a document."""
    version = f"-{_plain(etag)}" if etag else ""
    return f"results/{owner}/{task_id}-{model}{version}.jsonl"


def part_key(owner: str, task_id: str, start: int, end: int, etag: str) -> str:
    """Return the key of the answers to the bytes of a document between two offsets."""
    version = f"{_plain(etag)}/" if etag else ""
    return f"parts/{owner}/{task_id}/{version}{start}-{end}.jsonl"


def _plain(etag: str) -> str:
    """Return an ETag without its quotes, and without characters that a key should not have."""
    return re.sub(r"[^A-Za-z0-9-]", "", etag)


def owned_key(store: DocumentStore, owner: str, uri: str) -> str:
    """Return the key of a document that an owner uploaded, given its URI.

    Raises:
        DocumentNotFound: no upload has this name, or it belongs to someone else.
    """
    name = uri.rpartition("/")[2]
    for document_format, suffix in SUFFIXES.items():
        document_id = name.removesuffix(suffix)
        key = upload_key(owner, document_id, document_format)
        if _is_id(document_id) and store.uri(key) == uri:
            return key
    raise DocumentNotFound


def _is_id(text: str) -> bool:
    """Whether a text is an id that `POST /api/documents` can have given a document."""
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return False
    return str(parsed) == text and parsed.version in ID_VERSIONS


def format_of(key: str) -> Format:
    """Return the format of a document, according to the suffix of its key."""
    return "text" if key.endswith(SUFFIXES["text"]) else "jsonl"
