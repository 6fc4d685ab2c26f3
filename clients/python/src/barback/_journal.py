"""The resume file: a header, and one line for each step of a run.

The header is written completely before the file gets its name. Each step is appended with one
write. A process that is killed in the middle of a write leaves at most one incomplete line, which
`ResumeFile.open` skips: the step is then repeated, and its idempotency key makes that safe.
"""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT: Final = "barback-resume"
VERSION: Final = 1
NEWLINE: Final = b"\n"


class Journal(Protocol):
    """Where a run records its steps."""

    def append(self, event: Mapping[str, Any], /) -> None:
        """Record a step."""

    def delete(self) -> None:
        """Delete the record of a finished run."""


class NullJournal:
    """Records nothing."""

    def append(self, event: Mapping[str, Any], /) -> None:
        """Forget the step."""

    def delete(self) -> None:
        """Do nothing."""


class ResumeFile:
    """Records the steps of a run in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, header: Mapping[str, Any]) -> ResumeFile:
        """Write a header to a new file."""
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_line({"format": FORMAT, "version": VERSION, **header}))
                stream.flush()
                os.fsync(stream.fileno())
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            partial.replace(path)
        except OSError as error:
            error.filename, error.filename2 = str(path), None
            raise
        finally:
            partial.unlink(missing_ok=True)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> tuple[ResumeFile, Mapping[str, Any], list[Mapping[str, Any]]]:
        """Return the file, its header and its steps.

        Raises:
            ValueError: the file is not a resume file, or a newer version wrote it.
        """
        content = path.read_bytes()
        first, *rest = content.split(NEWLINE)
        header = _value(first)
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise ValueError(f"{path} is not a resume file.")
        if header.get("version") != VERSION:
            raise ValueError(f"Another version of barback wrote {path}. Resume it with that one.")
        file = cls(path)
        if not content.endswith(NEWLINE):
            file._write(NEWLINE)  # the next step gets a line of its own
        return file, header, [event for line in rest if isinstance(event := _value(line), dict)]

    def append(self, event: Mapping[str, Any], /) -> None:
        """Append a step with one write."""
        self._write(_line(event))

    def delete(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)

    def _write(self, content: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            written = os.write(descriptor, content)
        except OSError as error:
            error.filename = str(self.path)
            raise
        finally:
            os.close(descriptor)
        if written != len(content):  # the disk is full
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode() + NEWLINE


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
