"""The page compares names as the API does."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from suggester.names import normalise
from tests.spellings import SAME_NAMES

if TYPE_CHECKING:
    from tests.page.conftest import Visit

FOLD: Final = """async (names) => {
    const entry = document.querySelector("script[type=module]").src;
    const { fold } = await import(new URL("names.js", entry));
    return names.map(fold);
}"""
# Without control characters, which no name contains.
LETTERS: Final = [
    letter
    for letter in map(chr, (*range(0xD800), *range(0xE000, 0x20000)))
    if unicodedata.category(letter) != "Cc"
]


def test_spellings_of_a_name_are_equal(visit: Visit) -> None:
    """The page also ignores the dots of a Russian ё."""
    visit.open()
    folded = visit.page.evaluate(FOLD, [spelling for spelling, _ in SAME_NAMES])
    assert folded == [name.replace("ё", "е") for _, name in SAME_NAMES]


def test_the_page_and_the_api_drop_the_same_letters(visit: Visit) -> None:
    visit.open()
    folded = visit.page.evaluate(FOLD, LETTERS)
    dropped = {letter for letter, name in zip(LETTERS, folded, strict=True) if not name}
    assert dropped == {letter for letter in LETTERS if not normalise(letter)}


@pytest.mark.parametrize("spelling", ["mi\u200blk", "\ufeffＭＩＬＫ", "milk\u00a0"])
def test_every_spelling_of_a_name_can_be_excluded(visit: Visit, spelling: str) -> None:
    """It may be an allergy."""
    visit.open("milk")
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#exclude-name").fill(spelling)
    visit.page.locator("#exclude-name").press("Enter")
    expect(visit.page.locator("#excluded .chip")).to_have_text(["milk×"])
    visit.expect_drink()


def test_enter_after_an_invisible_letter_adds_nothing(visit: Visit) -> None:
    visit.open("milk")
    visit.page.locator("#search").fill("\u200b")
    visit.page.locator("#search").press("Enter")
    visit.page.locator("#search").fill("coffee")
    visit.page.locator("#search").press("Enter")
    visit.expect_drink("coffee", "milk")
