"""The slider from usual to surprising suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import sent_drink

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.page.conftest import Visit

LABEL = "How surprising the suggestions are"


def sent_by(visit: Visit, action: Callable[[], Any]) -> dict[str, Any]:
    """Return the drink of the next request for suggestions, and wait for them."""
    with visit.page.expect_request("**/api/process") as sent:
        action()
    visit.wait_for_suggestions()
    return sent_drink(sent.value)


def test_the_novelty_is_sent_with_each_request(visit: Visit) -> None:
    """Without a setting it is 0."""
    assert sent_by(visit, lambda: visit.open("milk"))["novelty"] == 0
    usual = visit.suggestions()
    slider = visit.page.get_by_label(LABEL)
    assert sent_by(visit, lambda: slider.fill("1"))["novelty"] == 1
    assert visit.suggestions() != usual
    drink = sent_by(visit, visit.button("Complete").click)
    assert (drink["kind"], drink["novelty"]) == ("complete", 1)


def test_the_slider_works_with_the_keyboard(visit: Visit) -> None:
    """It keeps the focus, while a digit still adds a suggestion and Ctrl+Z removes it again."""
    visit.open("milk")
    visit.tab_to('id="novelty"')
    assert visit.focused() == LABEL
    keyboard = visit.page.keyboard
    assert sent_by(visit, lambda: keyboard.press("ArrowRight"))["novelty"] == 0.25
    assert sent_by(visit, lambda: keyboard.press("End"))["novelty"] == 1
    assert visit.focused() == LABEL
    first = visit.suggestions()[0]
    keyboard.press("1")
    visit.expect_drink(first, "milk")
    keyboard.press("Control+z")
    visit.expect_drink("milk")


def test_the_novelty_is_kept_after_a_reload(visit: Visit) -> None:
    visit.open("milk")
    sent_by(visit, lambda: visit.page.get_by_label(LABEL).fill("0.75"))
    assert sent_by(visit, visit.page.reload)["novelty"] == 0.75
    expect(visit.page.get_by_label(LABEL)).to_have_value("0.75")


@pytest.mark.parametrize(
    ("stored", "novelty"), [("{", 0), ("null", 0), ('"1"', 0), ("7", 1), ("-1", 0), ("0.3", 0.25)]
)
def test_a_stored_value_that_is_not_on_the_slider_does_no_harm(
    visit: Visit, stored: str, novelty: float
) -> None:
    visit.open("milk")
    visit.page.evaluate("stored => localStorage.setItem('barback.novelty', stored)", stored)
    assert sent_by(visit, visit.page.reload)["novelty"] == novelty


@pytest.mark.parametrize(
    ("language", "values"),
    [
        ("English", ["usual", "50% surprising", "100% surprising"]),
        ("Русский", ["привычно", "неожиданно на 50\u00a0%", "неожиданно на 100\u00a0%"]),
    ],
)
def test_screen_readers_hear_the_value_in_words(
    visit: Visit, language: str, values: list[str]
) -> None:
    visit.open("milk")
    visit.page.get_by_text(language).click()
    slider = visit.page.locator("#novelty")
    for value, text in zip(("0", "0.5", "1"), values, strict=True):
        slider.fill(value)
        expect(slider).to_have_attribute("aria-valuetext", text)
