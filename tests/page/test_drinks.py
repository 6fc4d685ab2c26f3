"""Building a drink on the page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Request

    from tests.page.conftest import Visit

PHONE = {"width": 390, "height": 844}


def is_completion(request: Request) -> bool:
    return '"complete"' in (request.post_data or "")


def test_a_drink_is_built_by_tapping_on_a_phone(visits: Callable[..., Visit]) -> None:
    """A base from the shelf and a suggestion go into the glass, and its label names both."""
    visit = visits(viewport=PHONE, has_touch=True, is_mobile=True)
    visit.open()
    visit.button("milk").tap()
    visit.expect_drink("milk")
    visit.wait_for_suggestions()
    visit.page.get_by_role("button", name="1 in the glass").tap()
    first = visit.suggestions()[0]
    visit.page.locator("#suggestions button").first.tap()
    visit.expect_drink(first, "milk")
    glass = visit.page.get_by_role(
        "img", name=f"A glass with, from bottom to top: milk and {first}."
    )
    expect(glass).to_be_visible()
    assert visit.console_errors == []


def test_a_drink_is_built_with_the_keyboard_alone(visit: Visit) -> None:
    """Search, add, accept and remove work, and the focus is never lost."""
    visit.open()
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    assert visit.focused() == "Skip to the suggestions"
    visit.tab_to('id="search"')
    keyboard.type("straw")
    keyboard.press("Enter")
    visit.expect_drink("strawberry")
    assert visit.focused() == "Find an ingredient"
    visit.wait_for_suggestions()
    accepted = visit.suggestions()[-1]
    visit.tab_to(f">{accepted}</span>", "Shift+Tab")
    keyboard.press("Enter")
    visit.expect_drink(accepted, "strawberry")
    visit.wait_for_suggestions()
    visit.page.locator("#suggestions-title").focus()
    keyboard.press("Shift+Tab")
    assert visit.focused() == "Remove strawberry"
    keyboard.press("Enter")
    visit.expect_drink(accepted)
    assert visit.focused() == f"Remove {accepted}"
    keyboard.press("Enter")
    visit.expect_drink()
    assert visit.focused() == "Your drink"


def test_the_arrow_keys_move_within_a_group(visit: Visit) -> None:
    """A group is one stop of the Tab key; the arrow keys, Home and End move within it."""
    visit.open()
    visit.tab_to('class="ingredient"')
    keyboard = visit.page.keyboard
    assert visit.focused() == "ice"
    keyboard.press("ArrowRight")
    assert visit.focused() == "milk"
    keyboard.press("End")
    assert visit.focused() == "cream"
    keyboard.press("Space")
    visit.expect_drink("cream")
    assert visit.focused() == "cream"
    pressed = visit.page.locator("#ingredients [aria-pressed=true]")
    assert pressed.all_inner_texts() == ["cream"]
    visit.tab_to('class="tab"', "Shift+Tab")
    keyboard.press("ArrowRight")
    keyboard.press("Space")
    assert visit.focused() == "Sweet"
    visit.tab_to('class="ingredient"')
    assert visit.focused() == "sugar"


def test_a_digit_key_adds_the_suggestion_of_that_rank(visit: Visit) -> None:
    """It does not in a text field, nor when the shortcut is turned off."""
    visit.open("milk")
    _, second, *_ = visit.suggestions()
    visit.page.keyboard.press("2")
    visit.expect_drink(second, "milk")
    visit.wait_for_suggestions()
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#exclude-name").press("1")
    expect(visit.page.locator("#exclude-name")).to_have_value("1")
    visit.page.locator("summary", has_text="Keyboard shortcuts").click()
    visit.page.get_by_label("Keys 1 to 9 add a suggestion").uncheck()
    visit.page.locator("#suggestions-title").focus()
    visit.page.keyboard.press("1")
    visit.page.keyboard.press("Control+z")
    visit.expect_drink("milk")  # the last digit added nothing, so this undoes the one before


def test_a_drink_is_completed(visit: Visit) -> None:
    """The model decides on the length, and one undo removes all ingredients that were added."""
    visit.open("coffee")
    with visit.page.expect_request(is_completion) as sent:
        visit.button("Complete").click()
    assert '"length"' not in (sent.value.post_data or "")
    expect(visit.page.locator("#drink li:nth-child(2)")).to_be_visible()
    assert visit.drink()[-1] == "coffee"
    visit.wait_for_suggestions()
    visit.button("Undo").click()
    visit.expect_drink("coffee")


def test_a_full_glass_cannot_be_completed(visit: Visit) -> None:
    visit.open()
    ids = visit.page.evaluate(
        "fetch('api/ingredients').then(found => found.json()).then(all => all.map(({id}) => id))"
    )
    visit.go(*ids[:32])
    expect(visit.page.locator("#drink li")).to_have_count(32)
    visit.button("Complete").click()
    expect(visit.page.get_by_role("log")).to_contain_text("The glass is full.")
    expect(visit.page.locator("#alert")).to_be_empty()


def test_an_excluded_ingredient_is_never_suggested(visit: Visit) -> None:
    """It also leaves the drink and the shelf, even after a reload, until it is allowed again."""
    visit.open("milk", "strawberry")
    unwanted = visit.suggestions()[0]
    visit.page.locator("#exclude > summary").click()
    for name in (unwanted.upper(), "strawberry"):
        visit.page.get_by_label("Ingredient to exclude").fill(name)
        visit.page.keyboard.press("Enter")
    visit.expect_drink("milk")
    assert unwanted not in visit.suggestions()
    visit.page.reload()
    assert unwanted not in visit.suggestions()
    expect(visit.page.locator(".ingredient", has_text="strawberry").first).to_be_hidden()
    visit.open("coffee", "strawberry")
    visit.expect_drink("coffee")
    expect(visit.page.locator("#left-out")).to_contain_text("strawberry is excluded")
    visit.page.locator("#excluded").get_by_role("button", name="Allow strawberry again").click()
    visit.expect_drink("strawberry", "coffee")
    expect(visit.button("strawberry")).to_be_visible()
    assert visit.focused() == "Find an ingredient"


def test_excluding_an_unknown_name_shows_an_error(visit: Visit) -> None:
    """A typing error never hides that an allergy is not excluded."""
    visit.open()
    visit.page.locator("#exclude > summary").click()
    visit.page.get_by_label("Ingredient to exclude").fill("mlk")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#exclude-error")).to_contain_text("“mlk” is not on the shelf")
    expect(visit.page.get_by_label("Ingredient to exclude")).to_have_attribute(
        "aria-invalid", "true"
    )


def test_the_page_can_be_switched_to_russian(visit: Visit) -> None:
    """Texts and names change at once and stay after a reload; the drink stays too."""
    visit.open("milk", "strawberry")
    visit.page.get_by_text("Русский").click()
    visit.expect_drink("клубника", "молоко")
    expect(visit.page.locator("html")).to_have_attribute("lang", "ru")
    expect(visit.page.get_by_role("heading", name="Ваш напиток")).to_be_visible()
    visit.page.reload()
    visit.expect_drink("клубника", "молоко")
    assert not any(name.isascii() for name in visit.suggestions())


def test_a_russian_browser_gets_the_page_in_russian(visits: Callable[..., Visit]) -> None:
    """The first visit is in the browser's language if the page supports it."""
    visit = visits(locale="ru-RU")
    visit.open("coffee")
    visit.expect_drink("кофе")


def test_both_languages_have_the_same_texts(visit: Visit) -> None:
    """No key is missing in either table."""
    visit.open()
    script = visit.page.locator("script").get_attribute("src") or ""
    tables = visit.page.evaluate(
        """folder => Promise.all(["en", "ru"].map(async language => {
            const { default: table } = await import(new URL(folder + language + ".js", location));
            return [Object.keys(table).sort(), Object.keys(table.errors).sort()];
        }))""",
        script.removesuffix("app.js"),
    )
    assert tables[0] == tables[1]
    assert len(tables[0][0]) > 50


def test_the_address_contains_the_drink(visit: Visit) -> None:
    """A reload or a link restores it, and the page names unknown ingredients."""
    visit.open()
    visit.button("milk").click()
    visit.button("banana").click()
    visit.expect_drink("banana", "milk")
    expect(visit.page).to_have_url(f"{visit.url}/#milk,banana")
    visit.page.reload()
    visit.expect_drink("banana", "milk")
    visit.open("coffee", "moon-dust")
    visit.expect_drink("coffee")
    expect(visit.page.locator("#left-out")).to_have_text(
        "Barback does not know moon-dust, so it is not in the glass."
    )
    visit.page.evaluate("location.hash = '#espresso,milk'")
    visit.expect_drink("milk", "espresso")


def test_steps_can_be_undone(visit: Visit) -> None:
    """The button and Ctrl+Z undo; when nothing is left to undo, the button keeps the focus."""
    visit.open()
    visit.button("milk").click()
    visit.button("banana").click()
    visit.button("Start over").click()
    visit.expect_drink()
    visit.button("Undo").click()
    visit.expect_drink("banana", "milk")
    visit.page.keyboard.press("Control+z")
    visit.expect_drink("milk")
    visit.button("Undo").click()
    visit.expect_drink()
    assert visit.focused() == "Undo"
    expect(visit.button("Undo")).to_have_attribute("aria-disabled", "true")


def test_an_ingredient_is_never_added_twice(visit: Visit) -> None:
    """A second click on the shelf removes it; the search says that it is in the glass."""
    visit.open("milk")
    visit.page.locator("#search").fill("milk")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("log")).to_contain_text("milk is already in the glass.")
    visit.expect_drink("milk")
    visit.button("milk").click()
    visit.expect_drink()


def test_the_search_finds_aliases(visit: Visit) -> None:
    """A name in another language is one, too."""
    visit.open()
    visit.page.locator("#search").fill("апельс")
    expect(visit.button("orange")).to_be_visible()
    expect(visit.button("milk")).to_be_hidden()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#drink li")).to_have_count(1)
    expect(visit.button("milk")).to_be_visible()


def test_the_timeline_of_an_answer_is_shown(visit: Visit) -> None:
    """It is folded away, for engineers; each step has its duration."""
    visit.open("milk")
    expect(visit.page.locator("#steps")).to_be_hidden()
    visit.page.locator("#how > summary").click()
    steps = visit.page.locator("#steps li.passed")
    expect(steps).to_have_count(4)
    assert [text.split()[0] for text in steps.all_inner_texts()] == [
        "Submitted",
        "Queued",
        "Computed",
        "Done",
    ]
    expect(steps.last).to_contain_text(re.compile(r"\d (ms|sec)"))
    facts = visit.page.locator("#facts > div")
    expect(facts.filter(has_text="Attempts")).to_contain_text("1")
    expect(facts.filter(has_text="Model")).to_be_visible()


def test_the_cost_of_an_answer_is_shown(visit: Visit) -> None:
    """The price in the receipt is formatted for people."""

    def add_receipt(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        body = answer.json()
        result = body[0] if isinstance(body, list) else body
        if result.get("suggestions"):
            result["receipt"] = {
                "batch_size": 3,
                "engine": "litert",
                "gb_seconds": 0.004,
                "aws_calls": 4.2,
                "usd": 0.0000031,
                "prices": "2026-01-01",
            }
        route.fulfill(response=answer, body=json.dumps(body))  # type: ignore[attr-defined]

    visit.page.route("**/api/process", add_receipt)
    visit.page.route("**/api/result/*", add_receipt)
    visit.open("milk")
    visit.page.locator("#how > summary").click()
    facts = visit.page.locator("#facts > div")
    expect(facts.filter(has_text="$0.0000031 (prices of 2026-01-01)")).to_be_visible()
    expect(facts.filter(has_text="Batch size")).to_contain_text("3")
