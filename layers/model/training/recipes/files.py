"""Find the files of recipes, and decode their text."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from training.errors import DataInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES: Final = (".tsv", ".csv", ".txt")
JSON: Final = (".json", ".jsonl")
FORMATS: Final = (*TABLES, *JSON)
_ZIP: Final = b"PK\x03\x04"  # also the beginning of an Excel workbook
_ENCODINGS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def find_files(path: Path) -> list[Path]:
    """Return the file, or the files in the folder that may contain recipes, in order.

    Hidden files are left out.

    Raises:
        DataInvalid: the file has no known format, or the folder contains no file that has one.
    """
    if not path.is_dir():
        if path.is_file() and format_of(path) not in FORMATS:
            problem = f"unknown format; use {', '.join(FORMATS)}, optionally followed by .gz. "
            raise DataInvalid(path, "", f"{problem}Save a spreadsheet as CSV UTF-8.")
        return [path]
    found = [
        file
        for file in sorted(path.rglob("*"))
        if format_of(file) in FORMATS
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    if not found:
        problem = f"the folder has no file of recipes; their names end in {', '.join(FORMATS)}."
        raise DataInvalid(path, "", problem)
    return found


def format_of(path: Path) -> str:
    """Return the last extension of a file's name before `.gz`, in lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    return "".join(suffixes[-2:-1] if suffixes[-1:] == [".gz"] else suffixes[-1:])


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """Open a text file, which may be compressed, with line ends of any kind left as they are.

    Raises:
        DataInvalid: the file cannot be read or is not text, also while the block reads it.
    """
    try:
        with _open_bytes(path) as stream:
            start = stream.read(len(_ZIP))
            if start == _ZIP:
                problem = "an Excel workbook or a zip file; save it as CSV UTF-8, or unpack it."
                raise DataInvalid(path, "", problem)
            stream.seek(0)
            yield io.TextIOWrapper(stream, encoding=_encoding(start), newline="")
    except UnicodeError as error:
        problem = "not UTF-8 text; convert the file, or save it as CSV UTF-8."
        raise DataInvalid(path, _place_of_error(path), problem) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataInvalid(path, "", "the .gz file is damaged; compress it again.") from error
    except OSError as error:
        raise DataInvalid(path, "", f"the file cannot be read ({error.strerror}).") from error


def _open_bytes(path: Path) -> gzip.GzipFile | BinaryIO:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _encoding(start: bytes) -> str:
    return next((name for mark, name in _ENCODINGS.items() if start.startswith(mark)), "utf-8")


def _place_of_error(path: Path) -> str:
    with _open_bytes(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return f"line {number}"
    return ""
