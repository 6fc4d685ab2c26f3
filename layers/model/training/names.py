"""The names that recipes and the ingredients table may contain."""

from __future__ import annotations

from typing import Final

from suggester.groups import PREFIX, is_group
from suggester.names import is_name
from suggester.requests import MAX_NAME, SEPARATOR

COMMENT: Final = "#"  # in the files of the masks, which contain ids


def find_problem(name: str, forbidden: str = SEPARATOR) -> str | None:
    """Say why a request cannot contain a name: nobody could exclude that ingredient."""
    if is_name(name) and is_group(name):
        return f"{name!r} cannot be a name; in requests, {PREFIX!r} begins a group of ingredients."
    if is_name(name) and not any(letter in name for letter in forbidden):
        return None
    letters = ", ".join(map(repr, forbidden))
    rule = f"a name has 1 to {MAX_NAME} characters and no {letters} or control character."
    return f"{name!r} cannot be a name; {rule}"
