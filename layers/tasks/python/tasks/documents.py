"""Where documents lie, that are tasks of many drinks each: the port, and S3 behind it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from tasks import aws
from tasks.errors import DocumentNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

Format = Literal["jsonl", "text"]

MAX_BYTES: Final = 32 * 1024 * 1024
LINK_SECONDS: Final = 900  # for how long a link holds
CHUNK: Final = 256 * 1024  # bytes
BEYOND_THE_END: Final = "InvalidRange"
SUFFIXES: Final[dict[Format, str]] = {"jsonl": ".jsonl", "text": ".txt"}


class DocumentStore(Protocol):
    """The files of callers. Every method may raise `Unavailable`; the links are made here."""

    def uri(self, key: str) -> str:
        """Return the URI by which a caller names the file."""

    def upload_link(self, key: str, size: int) -> str:
        """Return a URL to which exactly `size` bytes can be put for a while."""

    def download_link(self, key: str) -> str:
        """Return a URL at which the file can be fetched for a while."""

    def read(self, key: str, start: int = 0) -> Iterator[bytes]:
        """Yield the file's bytes from `start` on, in chunks; none from its end on.

        Raises:
            DocumentNotFound: there is no such file.
        """

    def write(self, key: str, content: bytes) -> None:
        """Put a file, in place of what was there."""


def upload_key(owner: str, document_id: str, form: Format) -> str:
    """Return the key under which an owner may upload a document."""
    return f"{_uploads_of(owner)}{document_id}{SUFFIXES[form]}"


def result_key(owner: str, task_id: str, model: str) -> str:
    """Return the key of the file with a document's answers by that version of the model."""
    return f"results/{owner}/{task_id}-{model}.jsonl"


def part_key(owner: str, task_id: str, start: int, end: int) -> str:
    """Return the key of the answers to what lies between two offsets of a document."""
    return f"parts/{owner}/{task_id}/{start}-{end}.jsonl"


def owned_key(store: DocumentStore, owner: str, uri: str) -> str:
    """Return the key of a document that an owner uploaded, by its URI.

    Raises:
        DocumentNotFound: it is not in this store, or it is somebody else's.
    """
    key = _uploads_of(owner) + uri.rpartition("/")[2]
    if store.uri(key) != uri or not key.endswith(tuple(SUFFIXES.values())):
        raise DocumentNotFound
    return key


def format_of(key: str) -> Format:
    """Return the format of a document, which its key ends with."""
    return "text" if key.endswith(SUFFIXES["text"]) else "jsonl"


def _uploads_of(owner: str) -> str:
    return f"uploads/{owner}/"


class S3Documents:
    """The files in an S3 bucket."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._turn = threading.Lock()
        self._made: Any = None

    @property
    def _client(self) -> Any:
        # Made by the first document, for nobody else to pay; once, for threads that come together.
        with self._turn:
            if self._made is None:
                self._made = aws.client("s3")
            return self._made

    def uri(self, key: str) -> str:
        """Return an s3:// URI."""
        return f"s3://{self._bucket}/{key}"

    def upload_link(self, key: str, size: int) -> str:
        """Sign a PUT whose Content-Length is signed with it."""
        return self._link("put_object", Key=key, ContentLength=size)

    def download_link(self, key: str) -> str:
        """Sign a GET."""
        return self._link("get_object", Key=key)

    def _link(self, method: str, **parameters: str | int) -> str:
        parameters["Bucket"] = self._bucket
        link: str = self._client.generate_presigned_url(
            method, Params=parameters, ExpiresIn=LINK_SECONDS
        )
        return link

    def read(self, key: str, start: int = 0) -> Iterator[bytes]:
        """Stream the object."""
        with aws.translated_errors():
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=key, Range=f"bytes={start}-"
                )
                yield from answer["Body"].iter_chunks(CHUNK)
            except self._client.exceptions.NoSuchKey as error:
                raise DocumentNotFound from error
            except self._client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] != BEYOND_THE_END:
                    raise

    def write(self, key: str, content: bytes) -> None:
        """Put the object."""
        with aws.translated_errors():
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content)
