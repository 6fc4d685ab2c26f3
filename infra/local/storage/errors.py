"""The errors of the storage.

StorageError
├── FolderInUse           another stack uses the data folder
├── FolderUnusable        the data folder cannot be created, read or written
├── DataFromNewerVersion  a newer version of Barback wrote the data
└── LinkInvalid           a link to a file has expired or was changed

When the storage is in use, a full disk, a lock that is not released and an I/O error raise
`tasks.errors.Unavailable`, as every implementation of the ports does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

ADVICE: Final = "set DATA_DIR to another folder"


class StorageError(Exception):
    """The base class of all errors that this package raises on purpose."""


class FolderInUse(StorageError):
    """Another stack uses the data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} is in use by another Barback; stop it, or {ADVICE}."


class FolderUnusable(StorageError):
    """The data folder cannot be created, read or written."""

    def __init__(self, folder: Path, reason: Exception) -> None:
        super().__init__(folder, reason)
        self.folder = folder
        self.reason = reason

    def __str__(self) -> str:
        return f"The data cannot be kept in {self.folder}: {self.reason}; {ADVICE}."


class DataFromNewerVersion(StorageError):
    """A newer version of Barback wrote the data."""

    def __init__(self, folder: Path, found: int, known: int) -> None:
        super().__init__(folder, found, known)
        self.folder = folder
        self.found = found
        self.known = known

    def __str__(self) -> str:
        return (
            f"A newer version of Barback wrote the data in {self.folder} (format {self.found}; "
            f"this one reads formats up to {self.known}). Start that version, or {ADVICE}."
        )


class LinkInvalid(StorageError):
    """A link to a file has expired or was changed."""
