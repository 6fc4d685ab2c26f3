"""The controls are within reach, and the focus stays where the next key continues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import expect

from tests.page.conftest import sent_drink
from tests.page.test_exclusions import PROCESS, hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.page.conftest import Visit

SIZES: Final = [(360, 640), (390, 844), (768, 1024), (1280, 800), (1366, 768), (1920, 1080)]
CONTROLS: Final = ("undo", "redo", "clear", "surprise", "complete", "serve")


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
def test_the_controls_are_visible_without_scrolling(
    visits: Callable[..., Visit], size: tuple[int, int], locale: str
) -> None:
    """With an empty glass, with a drink, and at the end of the page; nothing scrolls sideways."""
    width, height = size
    visit = visits(viewport={"width": width, "height": height}, locale=locale)
    for drink in ((), ("milk", "strawberry")):
        visit.open(*drink)
        for control in CONTROLS:
            expect(visit.page.locator(f"#{control}")).to_be_in_viewport(ratio=1)
        assert visit.page.evaluate("document.documentElement.scrollWidth") == width
        for text in visit.page.locator(".tools button span:last-child").all():
            assert text.evaluate("span => span.scrollWidth <= span.parentElement.clientWidth")
    visit.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    for control in CONTROLS:
        expect(visit.page.locator(f"#{control}")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(("locale", "ice"), [("en-US", "ice"), ("ru-RU", "лёд")])
def test_a_whole_visit_fits_the_screen(
    visits: Callable[..., Visit], size: tuple[int, int], locale: str, ice: str
) -> None:
    """From a half-built drink to its card and its code, with something left out."""
    width, height = size
    visit = visits(viewport={"width": width, "height": height}, locale=locale)
    page, drink = visit.page, visit.page.locator("#drink li")
    visit.open()
    page.locator("#starts-list button").first.click()
    visit.wait_for_suggestions()
    page.locator("#suggestions button").first.click()
    expect(drink).to_have_count(3)
    page.locator("#leave-out button").nth(1).click()
    expect(page.locator("#exclusions")).to_be_visible()
    page.locator("#search").fill(ice)
    page.locator("#search").press("Enter")
    page.locator("#undo").click()
    page.locator("#redo").click()
    expect(drink).to_have_count(4)
    visit.wait_for_suggestions()
    for part in ("#playground", "#how"):
        page.locator(f"{part} > summary").click()
    expect(page.locator("#snippet")).to_contain_text("group:nuts")
    expect(page.locator("#facts")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator("#serve").click()
    expect(page.locator("#card-category")).not_to_be_empty()
    for part in ("#card", "#card-close"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    assert page.locator("#card").evaluate("card => card.scrollWidth <= card.clientWidth")
    assert visit.console_errors == []


def test_enter_after_enter_builds_a_drink(visit: Visit) -> None:
    """The focus stays at the rank, although the suggestions change."""
    visit.open()
    visit.tab_to('class="suggestion"')
    for count in range(1, 4):
        first = visit.suggestions()[0]
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("#drink li")).to_have_count(count)
        assert visit.drink()[0] == first
        visit.wait_for_suggestions()
        focused = "document.activeElement === document.querySelector('#suggestions button')"
        assert visit.page.evaluate(focused)


def test_enter_in_the_empty_search_adds_the_first_suggestion(visit: Visit) -> None:
    """So a drink that begins with a search is built by Enter after Enter, too."""
    visit.open()
    visit.page.locator("#search").fill("milk")
    visit.page.keyboard.press("Enter")
    for count in (2, 3):
        visit.wait_for_suggestions()
        first = visit.suggestions()[0]
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("#drink li")).to_have_count(count)
        assert visit.drink()[0] == first
        assert visit.focused() == "Find an ingredient"


def test_a_press_before_the_new_suggestions_adds_nothing(visit: Visit) -> None:
    """The old ones stay visible, but belong to another drink."""
    visit.open()
    held = hold(visit.page, PROCESS)
    visit.page.locator("#suggestions button").first.focus()
    with visit.page.expect_request(PROCESS):
        visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#drink li")).to_have_count(1)
    expect(visit.page.locator("#suggestions[aria-busy=true] li")).to_have_count(9)
    visit.page.keyboard.press("Enter")
    visit.page.locator("#suggestions button").last.click()
    expect(visit.page.locator("#drink li")).to_have_count(1)
    for route in held:
        route.continue_()
    visit.wait_for_suggestions()


def test_the_names_of_suggestions_are_their_visible_texts(visit: Visit) -> None:
    """Speech control presses what a user reads."""
    visit.open("milk")
    row = visit.page.locator("#suggestions button").first
    name, share = (row.locator(part).inner_text() for part in (".name", ".share"))
    expect(visit.page.get_by_role("button", name=f"{name} {share}", exact=True)).to_be_visible()


def test_a_step_that_was_undone_can_be_redone(visit: Visit) -> None:
    """A new step forgets what could be redone."""
    visit.open()
    visit.button("milk").click()
    visit.button("banana").click()
    visit.button("Undo").click()
    visit.expect_drink("milk")
    visit.button("Redo").click()
    visit.expect_drink("banana", "milk")
    expect(visit.button("Redo")).to_have_attribute("aria-disabled", "true")
    visit.page.keyboard.press("Control+z")
    visit.page.keyboard.press("Control+z")
    visit.expect_drink()
    visit.page.keyboard.press("Control+y")
    visit.expect_drink("milk")
    visit.page.keyboard.press("Control+Shift+z")
    visit.expect_drink("banana", "milk")
    visit.button("Undo").click()
    visit.button("ice").click()
    visit.button("Redo").click(force=True)  # it is disabled, but keeps the focus and says why
    visit.expect_drink("ice", "milk")
    expect(visit.page.get_by_role("log")).to_contain_text("There is nothing to redo.")


def test_redo_does_not_bring_back_an_excluded_ingredient(visit: Visit) -> None:
    visit.open("coffee")
    visit.button("milk").click()
    visit.button("Undo").click()
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    visit.button("Redo").click()
    visit.expect_drink("coffee")
    expect(visit.page.locator("#left-out")).to_contain_text("milk is excluded")


def test_a_surprise_adds_one_surprising_ingredient(visit: Visit) -> None:
    """The slider for the suggestions keeps its value."""
    visit.open("milk", "strawberry")
    with visit.page.expect_request(lambda asked: '"novelty":1' in (asked.post_data or "")) as sent:
        visit.button("Surprise").click()
    assert sent_drink(sent.value)["ingredients"] == ["milk", "strawberry"]
    expect(visit.page.locator("#drink li")).to_have_count(3)
    expect(visit.page.get_by_role("log")).to_contain_text(f"Surprise: {visit.drink()[0]}.")
    visit.wait_for_suggestions()
    expect(visit.page.locator("#novelty")).to_have_value("0")
