"""Opens the output of a command: standard output, or a file that is replaced as a whole."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ESCAPE: Final = "backslashreplace"  # of a lone surrogate, which UTF-8 does not have


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    """Open a file for writing, or standard output for None. An error leaves the file unchanged."""
    if path is None:
        yield sys.stdout
    elif path.exists() and not path.is_file():  # a device or a pipe
        with path.open("w", encoding="utf-8", errors=ESCAPE, newline="") as stream:
            yield stream
    else:
        with _replacement(path.resolve()) as stream:
            yield stream


@contextmanager
def _replacement(target: Path) -> Iterator[TextIO]:
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("x", encoding="utf-8", errors=ESCAPE, newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    except OSError as error:
        error.filename = str(target)  # the user does not know the partial file
        raise
    finally:
        partial.unlink(missing_ok=True)
