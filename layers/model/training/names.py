"""The names that recipes and the ingredients table may contain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from suggester.names import is_name
from suggester.requests import MAX_NAME, SEPARATOR
from training.errors import DataInvalid

if TYPE_CHECKING:
    from pathlib import Path

COMMENT: Final = "#"  # in the files of the masks, which contain ids


def check_name(name: str, path: Path, place: str, forbidden: str = SEPARATOR) -> None:
    """Check that a request can contain a name. Otherwise, nobody could exclude the ingredient.

    Raises:
        DataInvalid: the name is too long, or has a control or a forbidden character.
    """
    if is_name(name) and not any(letter in name for letter in forbidden):
        return
    letters = ", ".join(map(repr, forbidden))
    problem = f"a name has 1 to {MAX_NAME} characters and no {letters} or control character."
    raise DataInvalid(path, place, f"{name!r} cannot be a name; {problem}")
