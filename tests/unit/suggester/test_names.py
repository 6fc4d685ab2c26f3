"""Which names are equal."""

from __future__ import annotations

import sys
import unicodedata
from typing import Final

import pytest
import regex

from suggester.names import is_name, normalise
from tests.spellings import SAME_NAMES

SURROGATES: Final = range(0xD800, 0xE000)


@pytest.fixture(scope="module")
def letters() -> str:
    """Return all code points."""
    return "".join(chr(code) for code in range(sys.maxunicode + 1) if code not in SURROGATES)


@pytest.fixture(scope="module")
def normalised(letters: str) -> dict[str, str]:
    """Return the name of each code point that has a meaning."""
    assigned = (letter for letter in letters if unicodedata.category(letter) not in ("Cn", "Co"))
    return {letter: normalise(letter) for letter in assigned}


@pytest.mark.parametrize(("spelling", "name"), SAME_NAMES)
def test_spellings_of_a_name_are_equal(spelling: str, name: str) -> None:
    assert normalise(spelling) == name


def test_russian_letters_with_and_without_dots_differ() -> None:
    """A vocabulary has aliases for the words that are written both ways."""
    assert normalise("мёд") != normalise("мед")


def test_invisible_code_points_are_dropped(letters: str, normalised: dict[str, str]) -> None:
    """They are the ones of the Unicode standard; nothing else but spaces is dropped."""
    invisible = set(regex.findall(r"\p{Default_Ignorable_Code_Point}", letters))
    assert {letter for letter in invisible if normalise(letter)} == set()
    dropped = {letter for letter, name in normalised.items() if not name}
    assert {letter for letter in dropped - invisible if not letter.isspace()} == set()


def test_a_normalised_name_stays_the_same(normalised: dict[str, str]) -> None:
    """Otherwise a name of a vocabulary would not find itself."""
    assert {name for name in normalised.values() if normalise(name) != name} == set()


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("m" * 64, True),
        ("m" * 64 + "\u200b", True),
        ("m" * 65, False),
        ("\u200b", False),
        ("\u200b \ufeff", False),
    ],
)
def test_invisible_code_points_do_not_count_as_characters(name: str, *, is_valid: bool) -> None:
    assert is_name(name) is is_valid
