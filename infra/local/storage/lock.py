"""The locks of a data folder: only one stack may use it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infra.local.storage.errors import FolderInUse, FolderUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

LOCK_NAME: Final = "lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a data folder, which is created if necessary.

    The kernel releases the lock when this process ends, however it ends: Python opens files so that
    other programs do not inherit them, and a forked child closes its copy.

    Raises:
        FolderInUse: another process holds the lock.
        FolderUnusable: the folder cannot be created or locked.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / LOCK_NAME).open("ab")
    except OSError as error:
        raise FolderUnusable(folder, error) from error
    os.register_at_fork(after_in_child=file.close)
    with file:
        _lock(file, folder)
        yield


def _lock(file: BinaryIO, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise FolderInUse(folder) from error
    except OSError as error:
        raise FolderUnusable(folder, error) from error


@contextmanager
def one_process_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block. Used when files are created or migrated."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
