"""What somebody does at the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.page.conftest import Visit

PHONE = {"width": 390, "height": 844}


def test_a_drink_is_built_by_tapping_on_a_phone(visits: Callable[..., Visit]) -> None:
    """A base from the shelf and a suggestion go into the glass, which says what is in it."""
    visit = visits(viewport=PHONE, has_touch=True, is_mobile=True)
    visit.open()
    visit.button("milk").tap()
    visit.has("milk")
    visit.settled()
    visit.page.get_by_role("button", name="1 in the glass").tap()
    first = visit.suggestions()[0]
    visit.page.locator("#suggestions button").first.tap()
    visit.has(first, "milk")
    glass = visit.page.get_by_role("img", name=f"A glass with, from bottom to top: milk and {first}.")
    expect(glass).to_be_visible()
    expect(visit.page.locator("#layers .layer")).to_have_count(2)
    assert visit.complaints == []


def test_a_drink_is_built_with_the_keyboard_alone(visit: Visit) -> None:
    """Search, take, accept and remove, and the focus is never lost."""
    visit.open()
    keyboard = visit.page.keyboard
    keyboard.press("Tab")
    assert visit.focused() == "Skip to the suggestions"
    visit.tab_to('id="search"')
    keyboard.type("straw")
    keyboard.press("Enter")
    visit.has("strawberry")
    assert visit.focused() == "Find an ingredient"
    visit.settled()
    accepted = visit.suggestions()[-1]
    visit.tab_to(f'aria-label="Add {accepted}', "Shift+Tab")
    keyboard.press("Enter")
    visit.has(accepted, "strawberry")
    assert visit.focused() == "What goes with it"
    visit.settled()
    keyboard.press("Shift+Tab")
    assert visit.focused() == "Remove strawberry"
    keyboard.press("Enter")
    visit.has(accepted)
    assert visit.focused() == f"Remove {accepted}"
    keyboard.press("Enter")
    visit.has()
    assert visit.focused() == "Your drink"


def test_the_arrow_keys_move_along_a_group(visit: Visit) -> None:
    """A group is one stop of the Tab key; arrows, Home and End move within it."""
    visit.open()
    visit.tab_to('class="ingredient"')
    keyboard = visit.page.keyboard
    assert visit.focused() == "almond milk"
    keyboard.press("ArrowRight")
    assert visit.focused() == "apple juice"
    keyboard.press("End")
    assert visit.focused() == "yogurt"
    keyboard.press("Space")
    visit.has("yogurt")
    assert visit.focused() == "yogurt"
    assert visit.page.locator("[aria-pressed=true]").all_inner_texts() == ["yogurt"]
    keyboard.press("Tab")
    assert visit.focused() == "acai"


def test_a_digit_accepts_the_suggestion_of_that_rank(visit: Visit) -> None:
    """Not while somebody writes, and not when it is turned off."""
    visit.open("milk")
    _, second, *_ = visit.suggestions()
    visit.page.keyboard.press("2")
    visit.has(second, "milk")
    visit.settled()
    visit.page.locator("#search").fill("")
    visit.page.keyboard.press("1")
    expect(visit.page.locator("#search")).to_have_value("1")
    visit.page.locator("summary", has_text="Keyboard shortcuts").click()
    visit.page.get_by_label("Keys 1 to 9 add a suggestion").uncheck()
    visit.page.locator("#suggestions-title").focus()
    visit.page.keyboard.press("1")
    visit.page.keyboard.press("Control+z")
    visit.has("milk")  # one step back: the last digit put nothing in


def test_the_drink_is_completed(visit: Visit) -> None:
    """As many ingredients as were asked for are in it, and one step back takes them out."""
    visit.open("coffee")
    visit.page.get_by_label("ingredients in total").fill("4")
    visit.button("Complete the drink").click()
    expect(visit.page.locator("#drink li")).to_have_count(4)
    assert visit.drink()[-1] == "coffee"
    visit.settled()
    visit.button("Undo").click()
    visit.has("coffee")


def test_what_is_excluded_is_never_suggested(visit: Visit) -> None:
    """It leaves the drink and the shelf too, after a reload as well, until it is allowed."""
    visit.open("milk", "strawberry")
    unwanted = visit.suggestions()[0]
    visit.page.locator("summary", has_text="Exclude ingredients").click()
    for name in (unwanted.upper(), "strawberry"):
        visit.page.get_by_label("Ingredient to exclude").fill(name)
        visit.page.keyboard.press("Enter")
    visit.has("milk")
    assert unwanted not in visit.suggestions()
    visit.page.reload()
    assert unwanted not in visit.suggestions()
    expect(visit.page.locator(".ingredient", has_text="strawberry").first).to_be_hidden()
    visit.open("coffee", "strawberry")
    visit.has("coffee")
    expect(visit.page.locator("#left-out")).to_contain_text("strawberry is excluded")
    visit.page.locator("summary", has_text="2 excluded").click()
    visit.button("Allow strawberry again").click()
    expect(visit.button("strawberry")).to_be_visible()
    assert visit.focused() == "Ingredient to exclude"


def test_a_name_that_cannot_be_excluded_is_refused_in_words(visit: Visit) -> None:
    """An allergy is never overlooked because of a typing error."""
    visit.open()
    visit.page.locator("summary", has_text="Exclude ingredients").click()
    visit.page.get_by_label("Ingredient to exclude").fill("mlk")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#exclude-error")).to_contain_text("“mlk” is not on the shelf")
    expect(visit.page.get_by_label("Ingredient to exclude")).to_have_attribute("aria-invalid", "true")


def test_the_page_speaks_russian(visit: Visit) -> None:
    """All of it, names too, at once and after a reload; the drink and the answers stay."""
    visit.open("milk", "strawberry")
    visit.page.get_by_text("Русский").click()
    visit.has("клубника", "молоко")
    expect(visit.page.locator("html")).to_have_attribute("lang", "ru")
    expect(visit.page.get_by_role("heading", name="Ваш напиток")).to_be_visible()
    visit.page.reload()
    visit.has("клубника", "молоко")
    assert not any(name.isascii() for name in visit.suggestions())


def test_a_russian_browser_is_met_in_russian(visits: Callable[..., Visit]) -> None:
    """The first visit is in the browser's language, where the page has it."""
    visit = visits(locale="ru-RU")
    visit.open("coffee")
    visit.has("кофе")


def test_both_languages_have_the_same_sentences(visit: Visit) -> None:
    """No sentence is missing in either."""
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


def test_the_drink_is_in_the_address(visit: Visit) -> None:
    """A reload and a link restore it; what the bar does not have is named."""
    visit.open()
    visit.button("milk").click()
    visit.button("banana").click()
    visit.has("banana", "milk")
    assert visit.page.url.endswith("/#milk,banana")
    visit.page.reload()
    visit.has("banana", "milk")
    visit.open("coffee", "moon-dust")
    visit.has("coffee")
    expect(visit.page.locator("#left-out")).to_have_text(
        "Barback does not know moon-dust, so it is not in the glass."
    )
    visit.page.evaluate("location.hash = '#espresso,milk'")
    visit.has("milk", "espresso")


def test_a_step_is_taken_back(visit: Visit) -> None:
    """By button and by Ctrl+Z; then there is nothing more to undo, and the focus stays."""
    visit.open()
    visit.button("milk").click()
    visit.button("banana").click()
    visit.button("Start over").click()
    visit.has()
    visit.button("Undo").click()
    visit.has("banana", "milk")
    visit.page.keyboard.press("Control+z")
    visit.has("milk")
    visit.button("Undo").click()
    visit.has()
    assert visit.focused() == "Undo"
    expect(visit.button("Undo")).to_have_attribute("aria-disabled", "true")


def test_what_is_in_the_glass_is_not_put_in_twice(visit: Visit) -> None:
    """A second press on the shelf takes it out; the search says that it is there."""
    visit.open("milk")
    visit.page.locator("#search").fill("milk")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("log")).to_contain_text("milk is already in the glass.")
    visit.has("milk")
    visit.button("milk").click()
    visit.has()


def test_the_search_knows_other_names(visit: Visit) -> None:
    """What no name on the shelf contains is asked of the API, which knows aliases."""
    visit.open()
    visit.page.locator("#search").fill("апельс")
    expect(visit.button("orange")).to_be_visible()
    expect(visit.button("milk")).to_be_hidden()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#drink li")).to_have_count(1)
    expect(visit.button("milk")).to_be_visible()


def test_the_life_of_an_answer_is_shown(visit: Visit) -> None:
    """Every step with its time, and on demand what it took."""
    visit.open("milk")
    steps = visit.page.locator("#steps li.passed")
    expect(steps).to_have_count(4)
    assert [text.split()[0] for text in steps.all_inner_texts()] == [
        "Submitted",
        "Queued",
        "Computed",
        "Done",
    ]
    assert "ms" in steps.last.inner_text()
    visit.page.locator("summary", has_text="Details of this answer").click()
    facts = visit.page.locator("#facts").inner_text()
    assert "Attempts\n1" in facts
    assert "Model" in facts


def test_what_an_answer_cost_is_shown(visit: Visit) -> None:
    """The receipt's price is in words that a person can read."""

    def with_receipt(route: object) -> None:
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

    visit.page.route("**/api/process", with_receipt)
    visit.page.route("**/api/result/*", with_receipt)
    visit.open("milk")
    visit.page.locator("summary", has_text="Details of this answer").click()
    facts = visit.page.locator("#facts").inner_text()
    assert "$0.0000031 (prices of 2026-01-01)" in facts
    assert "Batch size\n3" in facts
