"""Split text into rows of cells: commas, tabs or semicolons, with or without quotes."""

from __future__ import annotations

import csv
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from training.errors import DataInvalid
from training.recipes.columns import choose_columns, has_header_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from training.recipes.columns import Columns

SAMPLE: Final = 1000  # lines
SEPARATORS: Final = {";": "semicolons", "\t": "tabs", ",": "commas"}
SOME: Final = 0.5
_EXCEL: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


class Table:
    """A table of recipes. Its first lines decide about separator, header and columns.

    Attributes:
        columns: the columns that contain ingredients.
        layout: a description of the form.
    """

    def __init__(self, stream: IO[str], path: Path, suffix: str, wanted: str | None) -> None:
        self._path = path
        self._head = list(islice(stream, SAMPLE))
        self._rest = stream
        named = _EXCEL.fullmatch(self._head[0]) if self._head else None
        self._skip = 1 if named else 0
        self._separator = named[1] if named else guess_separator(self._head, suffix)
        sample = list(_parse(self._head[self._skip :], self._separator))
        self.columns: Columns = choose_columns(sample, path, wanted)
        name = SEPARATORS.get(self._separator, repr(self._separator))
        self.layout = f"{self.columns.description}, separated by {name}"

    def rows(self) -> Iterator[tuple[list[str], str]]:
        """Yield the cells and the place of each row except the header and empty lines.

        Raises:
            DataInvalid: quotes are malformed.
        """
        reader = csv.reader(chain(self._head, self._rest), delimiter=self._separator, strict=True)
        try:
            rows = ((row, f"line {reader.line_num}") for row in reader)
            filled = (
                each for each in islice(rows, self._skip, None) if any(map(str.strip, each[0]))
            )
            yield from islice(filled, int(self.columns.has_header), None)
        except csv.Error as error:
            problem = f"malformed quotes ({error}); write a quotation mark within quotes twice."
            raise DataInvalid(self._path, f"line {reader.line_num}", problem) from error


def guess_separator(lines: list[str], suffix: str) -> str:
    """Return the separator that gives a known header, or else splits most lines.

    If two split as many lines, one of them separates the names in lists. It is the one that leaves
    the first cell unsplit.
    """
    if suffix == ".tsv" and any("\t" in line for line in lines):
        return "\t"
    return max(SEPARATORS, key=lambda separator: _quality(lines, separator))


def _quality(lines: list[str], separator: str) -> tuple[int, float, bool]:
    rows = list(_parse(lines, separator))
    if not rows:
        return (0, 0.0, False)
    header = len(rows[0]) if len(rows[0]) > 1 and has_header_words(rows[0]) else 0
    split = sum(len(row) > 1 for row in rows) / len(rows)
    others = [other for other in SEPARATORS if other != separator]
    unsplit = sum(any(other in row[0] for other in others) for row in rows) / len(rows)
    return (header, split, unsplit < SOME)


def _parse(lines: list[str], separator: str) -> Iterator[list[str]]:
    # The sample may end within quotes, so this is not strict.
    reader = csv.reader(lines, delimiter=separator)
    return (row for row in reader if any(map(str.strip, row)))
