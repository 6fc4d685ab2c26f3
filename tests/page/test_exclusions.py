"""An excluded ingredient may be an allergy: no path puts it into the glass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import sent_drink

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from tests.page.conftest import Visit

PROCESS = "**/api/process"
INGREDIENTS = "**/api/ingredients"
STORED = "JSON.parse(localStorage.getItem('barback.excluded'))"
MILK_IS_LEFT_OUT = "milk is excluded, so it is not in the glass."


def exclude(page: Page, *names: str) -> None:
    """Exclude ingredients with the form."""
    field = page.locator("#exclude-name")
    if not field.is_visible():
        page.locator("#exclude > summary").click()
    for name in names:
        field.fill(name)
        field.press("Enter")
        expect(page.locator("#excluded .chip", has_text=name).first).to_be_visible()


def search(page: Page, words: str) -> None:
    """Search for words and press Enter."""
    page.locator("#search").fill(words)
    page.locator("#search").press("Enter")


def store(page: Page, excluded: str) -> None:
    """Change the stored exclusions as another tab does, but without the event."""
    page.evaluate("text => localStorage.setItem('barback.excluded', text)", excluded)


def notice(page: Page) -> Any:
    return page.locator("#left-out")


def answer(*names: str) -> str:
    """Return the body of a finished task that suggests these names."""
    suggestions = [{"ingredient": name, "probability": 0.5} for name in names]
    timings = {"queued": 0.1, "computed": 0.2, "total": 0.3}
    task = {"task_id": "t", "status": "SUCCESS", "attempts": 1, "timings": timings}
    return json.dumps([task | {"suggestions": suggestions}])


def hold(page: Page, url: str, times: int | None = None) -> list[Route]:
    """Hold back requests for a URL, or only the first ones, until the test releases them."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(url, keep, times=times)
    return held


def suggest(page: Page, *names: str) -> None:
    """Let the API suggest these names for every drink."""
    page.route(PROCESS, lambda route: route.fulfill(status=200, body=answer(*names)))


@pytest.mark.parametrize("words", ["milk", "MILK ", "mil", "cow's milk", "молоко"])
def test_enter_does_not_replace_an_excluded_best_match(visit: Visit, words: str) -> None:
    """The page says that the best match is excluded, whichever name found it."""
    visit.open("coffee")
    exclude(visit.page, "milk")
    search(visit.page, words)
    expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    expect(visit.page.get_by_role("log")).to_contain_text("milk is excluded.")
    visit.expect_drink("coffee")
    assert visit.focused() == "Find an ingredient"


def test_an_excluded_ingredient_can_be_allowed_from_the_search(visit: Visit) -> None:
    """After that, Enter adds it."""
    visit.open("coffee")
    exclude(visit.page, "milk")
    search(visit.page, "milk")
    visit.page.locator("#search-message").get_by_role("button", name="Allow milk again").click()
    assert visit.focused() == "Find an ingredient"
    expect(visit.page.locator("#search-message")).to_be_empty()
    visit.page.keyboard.press("Enter")
    visit.expect_drink("milk", "coffee")


def test_a_search_still_shows_the_matches_that_are_allowed(visit: Visit) -> None:
    """The excluded best match is named, and the other matches can be clicked."""
    visit.open("coffee")
    exclude(visit.page, "milk")
    visit.page.locator("#search").fill("milk")
    expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    visit.button("almond milk").click()
    visit.expect_drink("almond milk", "coffee")
    expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    visit.page.locator("#search").fill("almond milk")
    expect(visit.page.locator("#search-message")).to_be_empty()


def test_an_exclusion_during_a_search_counts(visit: Visit) -> None:
    """The best match was allowed when the user typed its name."""
    visit.open("coffee")
    visit.page.locator("#search").fill("cow's milk")
    exclude(visit.page, "milk")
    visit.page.locator("#search").press("Enter")
    expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    visit.expect_drink("coffee")


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
def test_exclusions_are_listed_above_the_shelf(visits: Callable[..., Visit], locale: str) -> None:
    """They stay visible while the shelf scrolls, and leave with the last exclusion."""
    visit = visits(locale=locale)
    visit.open("coffee")
    bar = visit.page.locator("#exclusions")
    expect(bar).to_be_hidden()
    visit.page.locator("#leave-out button").first.click()
    expect(bar).to_be_visible()
    visit.page.locator("#tabs button").last.click()
    visit.page.locator("#ingredients button").last.scroll_into_view_if_needed()
    expect(bar).to_be_in_viewport(ratio=1)
    bar.get_by_role("button").click()
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("place", ["notice", "bar", "search"])
def test_allowing_an_ingredient_again_brings_it_back(visit: Visit, place: str) -> None:
    """It returns to its place in the glass."""
    visit.open("milk", "coffee", "ice")
    exclude(visit.page, "coffee")
    visit.expect_drink("ice", "milk")
    if place == "search":
        search(visit.page, "coffee")
    parent = {"notice": "#left-out-allow", "bar": "#excluded", "search": "#search-message"}[place]
    allow = visit.page.locator(parent).get_by_role("button", name="Allow coffee again")
    allow.click()
    visit.expect_drink("ice", "coffee", "milk")
    expect(notice(visit.page)).to_be_empty()
    assert visit.page.evaluate(STORED) == []


def test_a_group_brings_back_all_that_it_took(visit: Visit) -> None:
    """Unless another exclusion still holds."""
    visit.open("milk", "coffee", "cream")
    exclude(visit.page, "cream")
    dairy = visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True)
    dairy.click()
    visit.expect_drink("coffee")
    dairy.click()
    visit.expect_drink("coffee", "milk")


def test_a_drink_that_was_emptied_stays_empty(visit: Visit) -> None:
    """Allowing an ingredient again does not fill a glass that the user has emptied."""
    visit.open("milk", "coffee")
    exclude(visit.page, "milk")
    visit.button("Start over").click()
    visit.page.locator("#excluded").get_by_role("button", name="Allow milk again").click()
    visit.expect_drink()


def test_a_link_does_not_weaken_exclusions(visit: Visit) -> None:
    """Nothing in an address allows an ingredient again, whatever it is called there."""
    visit.open()
    exclude(visit.page, "milk")
    for address in ("milk,coffee", "молоко,coffee", "MILK,coffee,?excluded=", "cow's milk,coffee"):
        visit.page.goto("about:blank")
        visit.page.goto(f"{visit.url}/?excluded=[]&exclude=#{address}")
        visit.expect_drink("coffee")
        assert visit.page.evaluate(STORED) == ["milk"]


def test_an_excluded_ingredient_is_not_on_the_shelf(visit: Visit) -> None:
    """Its button is hidden until it is allowed again."""
    visit.open("coffee")
    exclude(visit.page, "milk")
    expect(visit.button("milk")).to_be_hidden()
    visit.page.locator("#excluded").get_by_role("button", name="Allow milk again").click()
    expect(visit.button("milk")).to_be_visible()


def test_stale_suggestions_cannot_be_added_after_an_exclusion(visit: Visit) -> None:
    """They cannot be used until the API has answered with the exclusion."""
    visit.open("coffee")
    first = visit.suggestions()[0]
    held = hold(visit.page, PROCESS)
    with visit.page.expect_request(PROCESS):
        exclude(visit.page, first)
    visit.page.locator("#suggestions-title").focus()
    visit.page.keyboard.press("1")
    visit.page.locator("#suggestions button").first.click(force=True)
    visit.expect_drink("coffee")
    for route in held:
        route.continue_()
    assert first not in visit.suggestions()
    visit.expect_drink("coffee")


@pytest.mark.parametrize("way", ["click", "shortcut"])
def test_an_excluded_suggestion_cannot_be_added(visit: Visit, way: str) -> None:
    """The page checks again, in case the API suggests it in spite of the exclusion."""
    suggest(visit.page, "milk")
    visit.open("coffee")
    exclude(visit.page, "milk")
    visit.wait_for_suggestions()
    if way == "click":
        visit.page.locator("#suggestions button").first.click()
    else:
        visit.page.locator("#suggestions-title").focus()
        visit.page.keyboard.press("1")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    visit.expect_drink("coffee")
    assert "Added milk" not in visit.page.get_by_role("log").inner_text()


def test_a_drink_is_completed_without_excluded_ingredients(visit: Visit) -> None:
    """Whatever the API answers, and the page names the one that it left out."""
    visit.open("coffee")
    exclude(visit.page, "milk")
    visit.wait_for_suggestions()
    suggest(visit.page, "milk", "sugar")
    visit.button("Complete").click()
    visit.expect_drink("sugar", "coffee")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    expect(visit.page.get_by_role("log")).to_contain_text("Completed with sugar.")


def test_an_exclusion_discards_a_completion_in_flight(visit: Visit) -> None:
    """Its answer was computed without the exclusion."""
    visit.open("coffee")
    held = hold(visit.page, PROCESS, times=1)
    with visit.page.expect_request(PROCESS):
        visit.button("Complete").click()
    expect(visit.page.locator("#state")).to_have_text("Asking Barback…")
    exclude(visit.page, "milk")
    held[0].fulfill(status=200, body=answer("milk", "sugar"))
    assert "milk" not in visit.suggestions()
    visit.expect_drink("coffee")


def test_undo_does_not_bring_back_an_excluded_ingredient(visit: Visit) -> None:
    """The rest of the earlier drink comes back, and the page names the missing one."""
    visit.open()
    for name in ("milk", "banana"):
        visit.button(name).click()
    visit.button("Start over").click()
    exclude(visit.page, "milk")
    visit.button("Undo").click()
    visit.expect_drink("banana")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)


def test_no_way_adds_a_member_of_an_excluded_group(visit: Visit) -> None:
    """Neither the search, a link, a suggestion, a key, Complete nor Surprise."""
    suggest(visit.page, "milk")
    visit.open("coffee")
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    visit.wait_for_suggestions()
    for words in ("milk", "cow's milk", "молоко"):
        search(visit.page, words)
        expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    visit.page.locator("#search").fill("")
    for address in ("milk,coffee", "coffee,Молоко"):
        visit.page.evaluate("drink => { location.hash = drink; }", address)
        expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    for press in (
        visit.page.locator("#suggestions button").first.click,
        lambda: visit.page.keyboard.press("1"),
        visit.button("Complete").click,
        visit.button("Surprise").click,
    ):
        for other in ("espresso", "coffee"):  # which also removes the notice
            visit.page.evaluate("drink => { location.hash = drink; }", other)
            visit.expect_drink(other)
        visit.wait_for_suggestions()
        expect(notice(visit.page)).to_be_empty()
        press()
        expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    visit.expect_drink("coffee")
    assert visit.page.evaluate(STORED) == ["group:dairy"]


def test_excluding_an_ingredient_removes_it_from_the_glass(visit: Visit) -> None:
    """The page says so in visible text, at the glass and where the user excluded it."""
    visit.open("milk", "coffee")
    exclude(visit.page, "milk")
    expect(visit.page.locator("#excluded-note")).to_have_text(MILK_IS_LEFT_OUT)
    visit.expect_drink("coffee")
    expect(notice(visit.page)).to_be_visible()
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    expect(visit.page).to_have_url(f"{visit.url}/#coffee")


def test_a_link_cannot_add_excluded_ingredients(visit: Visit) -> None:
    """When the page opens, and when the address changes later."""
    visit.open()
    exclude(visit.page, "milk", "sugar")
    visit.open("milk", "coffee", "sugar")
    both = "milk and sugar are excluded, so they are not in the glass."
    expect(notice(visit.page)).to_have_text(both)
    visit.expect_drink("coffee")
    visit.page.evaluate("location.hash = '#espresso,milk'")
    visit.expect_drink("espresso")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)


@pytest.mark.parametrize("stored", ['"milk"', "{}", "[1, null]", "milk", "null", "7"])
def test_damaged_storage_does_not_break_the_page(visit: Visit, stored: str) -> None:
    """The page starts without exclusions, and new ones work."""
    visit.page.goto(f"{visit.url}/docs")
    store(visit.page, stored)
    visit.open("milk", "coffee")
    exclude(visit.page, "milk")
    visit.expect_drink("coffee")


def test_an_exclusion_outlives_the_vocabulary(visit: Visit) -> None:
    """A later model may know the ingredient again, so the exclusion stays stored."""
    visit.page.goto(f"{visit.url}/docs")
    store(visit.page, '["moon-dust"]')
    with visit.page.expect_request(PROCESS) as asked:
        visit.open("coffee")
    assert sent_drink(asked.value)["exclude"] == []
    exclude(visit.page, "milk")
    assert visit.page.evaluate(STORED) == ["moon-dust", "milk"]


def test_an_exclusion_reaches_the_other_tabs(visit: Visit) -> None:
    """The ingredient disappears from their glass and their shelf at once."""
    visit.open("milk", "coffee")
    other = visit.page.context.new_page()
    other.goto(visit.url)
    exclude(other, "milk")
    visit.expect_drink("coffee")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    expect(visit.button("milk")).to_be_hidden()


def test_tabs_do_not_overwrite_each_others_exclusions(visit: Visit) -> None:
    """A tab that has not seen the newest list keeps its entries."""
    visit.open("coffee")
    store(visit.page, '["milk"]')
    exclude(visit.page, "sugar")
    assert visit.page.evaluate(STORED) == ["milk", "sugar"]
    store(visit.page, '["milk", "sugar", "cream"]')
    visit.page.locator("#excluded").get_by_role("button", name="Allow sugar again").click()
    assert visit.page.evaluate(STORED) == ["milk", "cream"]


@pytest.mark.parametrize("way", ["shelf", "search", "suggestion"])
def test_an_exclusion_from_another_tab_counts_before_its_event(visit: Visit, way: str) -> None:
    """The stored list is read again whenever something is added."""
    suggest(visit.page, "milk")
    visit.open("coffee")
    store(visit.page, '["milk"]')
    if way == "shelf":
        visit.button("milk").click()
    elif way == "search":
        search(visit.page, "milk")
    else:
        visit.page.locator("#suggestions button").first.click()
    words = visit.page.locator("#search-message" if way == "search" else "#left-out")
    expect(words).to_contain_text("milk is excluded")
    visit.expect_drink("coffee")


def test_a_page_from_the_back_forward_cache_reads_the_exclusions_again(visit: Visit) -> None:
    """While it was frozen, it received no events from other tabs."""
    visit.open("milk", "coffee")
    store(visit.page, '["milk"]')
    visit.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    visit.expect_drink("coffee")


def test_an_exclusion_holds_in_the_other_language(visit: Visit) -> None:
    """Ingredients are excluded by id, not by name; a visible message is translated."""
    visit.open("coffee", "milk")
    exclude(visit.page, "milk")
    expect(notice(visit.page)).to_have_text(MILK_IS_LEFT_OUT)
    visit.wait_for_suggestions()
    visit.page.get_by_text("Русский").click()
    expect(notice(visit.page)).to_have_text("Исключено, поэтому в стакан не попадёт: молоко.")
    expect(visit.page.locator("#excluded")).to_contain_text("молоко")
    search(visit.page, "молоко")
    expect(visit.page.locator("#search-message")).to_contain_text("Исключено: молоко.")
    visit.expect_drink("кофе")
    visit.page.evaluate("location.hash = '#espresso,milk'")
    expect(notice(visit.page)).to_have_text("Исключено, поэтому в стакан не попадёт: молоко.")
    visit.expect_drink("эспрессо")


def test_an_answer_during_a_language_switch_is_understood(visit: Visit) -> None:
    """Its names are in the language that the page had when it asked."""
    visit.open("coffee")
    held = hold(visit.page, INGREDIENTS)
    with visit.page.expect_request(INGREDIENTS):
        visit.page.get_by_text("Русский").click()
    expect(visit.page.locator("html")).to_have_attribute("lang", "ru")
    visit.page.locator(".ingredient", has_text="sugar").first.click()
    visit.wait_for_suggestions()
    visit.page.locator("#suggestions button").first.click()
    visit.wait_for_suggestions()
    held[0].continue_()
    expect(visit.page.locator("#drink .name").last).to_have_text("кофе")
    assert not any(name.isascii() for name in visit.drink())


def test_an_exclusion_that_cannot_be_stored_still_holds(visit: Visit) -> None:
    """The page says how long the exclusion will last."""
    visit.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
    visit.open("coffee")
    exclude(visit.page, "milk", "sugar")
    expect(visit.page.locator("#exclude-error")).to_contain_text("until you close or reload")
    search(visit.page, "milk")
    expect(visit.page.locator("#search-message")).to_contain_text("milk is excluded.")
    visit.expect_drink("coffee")


def test_a_russian_name_can_be_excluded_in_either_spelling(visit: Visit) -> None:
    """Russian speakers often write the letter ё without its dots."""
    visit.open("coffee")
    visit.page.get_by_text("Русский").click()
    visit.expect_drink("кофе")
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#exclude-name").fill("Мёд")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#excluded .chip")).to_have_count(1)


def test_the_last_language_wins(visit: Visit) -> None:
    """Names that arrive after the page has switched back are discarded."""
    visit.open("coffee")
    held = hold(visit.page, INGREDIENTS, times=1)
    with visit.page.expect_request(INGREDIENTS):
        visit.page.get_by_text("Русский").click()
    visit.page.get_by_text("English").click()
    visit.button("milk").click()
    visit.expect_drink("milk", "coffee")
    with visit.page.expect_response(INGREDIENTS):
        held[0].continue_()
    visit.button("banana").click()
    visit.expect_drink("banana", "milk", "coffee")
