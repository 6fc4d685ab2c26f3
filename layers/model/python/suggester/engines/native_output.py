"""Removes lines that native code prints on standard error."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

STDERR: Final = 2
AT_MOST: Final = 65_536  # bytes; a pipe holds no more


@contextmanager
def without_lines(start: bytes) -> Iterator[None]:
    """Remove the lines that begin with `start` from standard error; print all others afterwards.

    The whole process's standard error is held back meanwhile, so the block should be short. It
    serves libraries that have no setting for their log.
    """
    try:
        stderr = os.dup(STDERR)
    except OSError:  # standard error is closed
        yield
        return
    reader, writer = os.pipe()
    for end in (reader, writer):
        os.set_blocking(end, False)
    os.dup2(writer, STDERR)
    os.close(writer)
    try:
        yield
    finally:
        os.dup2(stderr, STDERR)
        os.close(stderr)
        _print_others(reader, start)


def _print_others(reader: int, start: bytes) -> None:
    printed = b""
    with suppress(BlockingIOError):  # nothing was printed
        printed = os.read(reader, AT_MOST)
    os.close(reader)
    for line in printed.splitlines(keepends=True):
        if not line.startswith(start):
            os.write(STDERR, line)
