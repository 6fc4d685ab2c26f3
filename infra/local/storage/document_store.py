"""The document store in a folder. Links lead to the local stack, which verifies them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.local.storage.links import LinkSigner
from tasks.document_keys import SCHEME, split_uri
from tasks.errors import DocumentChanged, DocumentForbidden, DocumentNotFound, Unavailable
from tasks.ports import FileContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedReader

BUCKET: Final = "documentbucket"  # the same as in an emulator; tasks contain URIs
INCOMING: Final = ".incoming"  # unfinished files; no key leads there
CHUNK: Final = 256 * 1024  # bytes
ETAG_DIGITS: Final = 32
LONGEST_WRITE: Final = 86_400  # seconds after which an unfinished file is deleted
# A part of a key between slashes. It never starts with a dot, so no key leaves the folder.
_PART: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_NO_SUCH_FILE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})
_ATTEMPTS: Final = 10  # to move a file into a folder that another process may remove


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"The folder of documents does not work: {error.strerror}.") from error


class FileDocumentStore:
    """Files below a folder. A key that contains `..` or other special parts names no file.

    Each folder below `other_buckets` stands for a bucket of others, whose files can be read.
    """

    def __init__(
        self,
        folder: Path,
        base_url: Callable[[], str] | str,
        secret: bytes,
        clock: Callable[[], float],
        *,
        other_buckets: Path | None = None,
        durable: bool = False,
    ) -> None:
        self._folder = folder
        self._other_buckets = other_buckets
        self._base_url = base_url
        self._signer = LinkSigner(secret, clock)
        self._clock = clock
        self._durable = durable

    def uri(self, key: str) -> str:
        """Return an s3:// URI, which does not depend on the folder or the port."""
        return f"{SCHEME}{BUCKET}/{key}"

    def upload_link(self, key: str, size: int, sha256: str | None = None) -> str:
        """Sign a PUT together with its size and digest."""
        digest = {} if sha256 is None else {"sha256": sha256}
        return self._link("PUT", key, size=str(size), **digest)

    def download_link(self, key: str) -> str:
        """Sign a GET."""
        return self._link("GET", key)

    def _link(self, method: str, key: str, **content: str) -> str:
        self._path(key)
        base = self._base_url if isinstance(self._base_url, str) else self._base_url()
        return f"{base}/{key}?{self._signer.sign(method, key, **content)}"

    def verify(self, method: str, key: str, query: Mapping[str, str]) -> None:
        """Check a request's link.

        The body of a PUT must have exactly `query["size"]` bytes, and the digest
        `query["sha256"]`, if there is one.

        Raises:
            LinkInvalid: the link has expired, or it does not belong to this method and key.
        """
        self._signer.verify(method, key, query)

    def read(self, name: str, start: int = 0, etag: str = "") -> FileContent:
        """Stream the file."""
        bucket, key = split_uri(name)
        path = self._other_path(bucket, key) if bucket else self._path(key)
        with _translate_errors():
            file = _open(path)
        chunks = _chunks(file, start)
        next(chunks)  # from now on the file is closed, even if no chunk is read
        with _translate_errors():
            # The ETag follows from the content, as in S3.
            current = f'"{hashlib.file_digest(file, "sha256").hexdigest()[:ETAG_DIGITS]}"'
            size = file.tell()
        if etag not in ("", current):
            raise DocumentChanged
        return FileContent(size, current, chunks)

    def write(self, key: str, content: bytes) -> None:
        """Replace the file as a whole."""
        with self.writing(key) as write:
            write(content)

    @contextmanager
    def writing(self, key: str) -> Iterator[Callable[[bytes], None]]:
        """Replace the file with everything that is written to the yielded function.

        If the block raises, the existing file stays as it is.

        Raises:
            Unavailable: the disk is full or does not work.
        """
        path = self._path(key)
        with _translate_errors():
            incoming = self._folder / INCOMING
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=incoming)
        temporary = Path(name)
        try:
            yield lambda content: _write_all(descriptor, content)
            with _translate_errors():
                os.utime(temporary, (self._clock(), self._clock()))
                if self._durable:
                    os.fsync(descriptor)
                _move(temporary, path)
                if self._durable:
                    _sync_folders(path, self._folder)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            os.close(descriptor)

    def delete_expired(self, now: float, retention: float) -> int:
        """Delete the files that were written `retention` seconds ago, and return their number."""
        deleted = 0
        with _translate_errors():
            for folder, _, names in os.walk(self._folder, topdown=False):
                age = LONGEST_WRITE if Path(folder).name == INCOMING else retention
                deleted += sum(_delete_old(Path(folder, name), now - age) for name in names)
                if Path(folder) not in (self._folder, self._folder / INCOMING):
                    with suppress(OSError):  # not empty
                        Path(folder).rmdir()
        return deleted

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not all(map(_PART.fullmatch, parts)):
            raise DocumentNotFound
        return self._folder.joinpath(*parts)

    def _other_path(self, bucket: str, key: str) -> Path:
        """Return the path of a file in another bucket, whose keys may have special characters."""
        parts = (bucket, *key.split("/"))
        if self._other_buckets is None or any(p in ("", ".", "..") or "\0" in p for p in parts):
            raise DocumentNotFound
        return self._other_buckets.joinpath(*parts)


def _chunks(file: BufferedReader, start: int) -> Iterator[bytes]:
    """Yield nothing first, then the chunks."""
    with _translate_errors(), file:
        yield b""
        file.seek(start)
        while chunk := file.read(CHUNK):
            yield chunk


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        with _translate_errors():
            rest = rest[os.write(descriptor, rest) :]


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            raise DocumentNotFound from error
        if error.errno == errno.EACCES:
            raise DocumentForbidden("AccessDenied") from error
        raise


def _move(temporary: Path, path: Path) -> None:
    """Move the file to its place, although `delete_expired` may remove the folder in between."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.replace(path)
            return
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _sync_folders(path: Path, top: Path) -> None:
    """Write the folders of a new file to the disk, up to the top."""
    for folder in path.relative_to(top).parents:
        descriptor = os.open(top / folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _delete_old(path: Path, oldest: float) -> bool:
    try:
        if path.stat().st_mtime > oldest:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True
