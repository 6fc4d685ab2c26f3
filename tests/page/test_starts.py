"""An inviting start: half-built drinks, parts of the shelf, the search and pasted recipes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import sent_drink

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Request

    from tests.page.conftest import Visit


def shelf(visit: Visit) -> list[str]:
    names: list[str] = visit.page.locator("#ingredients .ingredient").all_inner_texts()
    return names


def search(visit: Visit, words: str) -> None:
    visit.page.locator("#search").fill(words)


def paste(visit: Visit, text: str) -> Any:
    """Paste a recipe, and return the place of the answer."""
    if not visit.page.locator("#recipe-text").is_visible():
        visit.page.locator("#recipe > summary").click()
    visit.page.locator("#recipe-text").fill(text)
    visit.page.locator("#recipe-form button").click()
    return visit.page.locator("#recipe-message")


def asks_for(*ids: str) -> Callable[[Request], bool]:
    """Return whether a request asks for suggestions for these ingredients."""

    def matches(asked: Request) -> bool:
        if not asked.url.endswith("/api/process"):
            return False
        drink = sent_drink(asked)
        return "kind" not in drink and sorted(drink["ingredients"]) == sorted(ids)

    return matches


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
def test_twelve_half_built_drinks_are_offered(visits: Callable[..., Visit], locale: str) -> None:
    """Each has a name and a picture of its glass with its layers."""
    visit = visits(locale=locale)
    visit.open()
    cards = visit.page.locator("#starts-list button")
    expect(cards).to_have_count(12)
    assert all(cards.all_inner_texts())
    assert "undefined" not in visit.page.locator("#starts").inner_text()
    for card in cards.all():
        expect(card.locator(".layer, .cube").first).to_be_attached()


def test_a_tap_pours_a_half_built_drink(visit: Visit) -> None:
    """The offer leaves until the glass is empty again, and the next Enter adds a suggestion."""
    visit.open()
    visit.button("Mango lassi").click()
    visit.expect_drink("mango", "yogurt")
    expect(visit.page.locator("#starts")).to_be_hidden()
    visit.wait_for_suggestions()
    first = visit.suggestions()[0]
    visit.page.keyboard.press("Enter")
    visit.expect_drink(first, "mango", "yogurt")
    visit.button("Start over").click()
    expect(visit.page.locator("#starts")).to_be_visible()


def test_an_excluded_ingredient_takes_its_drinks_from_the_offer(visit: Visit) -> None:
    visit.open()
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    expect(visit.button("Latte")).to_have_count(0)
    expect(visit.button("Lemonade")).to_be_visible()


def test_the_shelf_begins_with_popular_ingredients(visit: Visit) -> None:
    """Its other parts are one tap away, and each lists the most popular ingredients first."""
    visit.open()
    assert shelf(visit)[:4] == ["ice", "milk", "water", "sugar"]
    assert len(shelf(visit)) < 40
    visit.show_tab("Coffee")
    assert shelf(visit)[:2] == ["espresso", "coffee"]
    visit.show_tab("A–Z")
    assert len(shelf(visit)) > 300
    assert shelf(visit)[0] == "acai"


def test_a_model_without_looks_has_a_shelf_by_role(visit: Visit) -> None:
    """Its ingredients have colours, too, and neighbours have different ones."""

    def without_looks(route: Any) -> None:
        new = ("look", "drinks", "aliases")
        entries = route.fetch().json()
        route.fulfill(json=[{k: v for k, v in e.items() if k not in new} for e in entries])

    visit.page.route("**/api/ingredients", without_looks)
    visit.open("milk", "strawberry")
    tabs = visit.page.locator("#tabs button").all_inner_texts()
    assert sorted(tabs) == ["Additives", "A–Z", "Bases"]
    fills = "paths => paths.map(path => path.getAttribute('fill'))"
    assert len(set(visit.page.locator("#glass .layer path").evaluate_all(fills))) == 2


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ice", "ice"),
        ("soda", "sparkling water"),
        ("choc", "chocolate syrup"),
        ("milk", "milk"),
        ("oj", "orange juice"),
        ("СОДОВАЯ", "sparkling water"),
    ],
)
def test_enter_takes_the_first_hit(visit: Visit, words: str, name: str) -> None:
    """It is the ingredient that people mean, and the page names it."""
    visit.open()
    search(visit, words)
    assert shelf(visit)[0] == name
    expect(visit.page.locator("#search-hint")).to_have_text(f"Press Enter to add {name}.")
    visit.page.locator("#search").press("Enter")
    visit.expect_drink(name)
    expect(visit.page.locator("#search")).to_have_value("")
    assert shelf(visit)[0] == "ice"


def test_a_pasted_recipe_is_in_the_glass(visit: Visit) -> None:
    """The page says what it did not understand."""
    visit.open("coffee")
    answer = paste(visit, "200 ml of milk\n2 bananas\na pinch of cinnamon\nmoondust")
    expect(answer).to_contain_text("In the glass: milk, banana, and cinnamon.")
    visit.expect_drink("cinnamon", "banana", "milk")
    visit.button("Undo").click()
    visit.expect_drink("coffee")


def test_a_recipe_in_russian_is_understood(visits: Callable[..., Visit]) -> None:
    visit = visits(locale="ru-RU")
    visit.open()
    expect(paste(visit, "стакан молока, 2 ст. л. мёда")).to_contain_text("В стакане: молоко и мёд.")
    visit.expect_drink("мёд", "молоко")


def test_what_a_recipe_leaves_out_can_be_excluded_from_every_drink(visit: Visit) -> None:
    """The page does not do so by itself, since another drink may have it."""
    visit.open()
    answer = paste(visit, "coffee and milk, without sugar")
    expect(answer).to_contain_text("The recipe leaves out sugar.")
    visit.expect_drink("milk", "coffee")
    expect(visit.page.locator("#exclusions")).to_be_hidden()
    answer.get_by_role("button", name="Always leave out sugar").click()
    expect(visit.page.locator("#excluded")).to_contain_text("sugar")


def test_suggestions_lack_what_the_recipe_of_the_drink_leaves_out(visit: Visit) -> None:
    """The next drink may have it."""
    visit.open()
    with visit.page.expect_request(asks_for("coffee", "milk")) as asked:
        paste(visit, "coffee and milk, without sugar")
    assert sent_drink(asked.value)["exclude"] == ["sugar"]
    with visit.page.expect_request(asks_for("banana")) as asked:
        paste(visit, "banana")
    assert sent_drink(asked.value)["exclude"] == []
    with visit.page.expect_request(asks_for("banana")) as asked:
        paste(visit, "I'm allergic to kiwi")
    assert sent_drink(asked.value)["exclude"] == ["kiwi"]
    visit.expect_drink("banana")


def test_an_allergen_that_a_recipe_leaves_out_is_excluded_from_every_drink(visit: Visit) -> None:
    """The page says so, and one button allows it again."""
    visit.open()
    with visit.page.expect_request(asks_for("coffee", "oat-milk")) as asked:
        answer = paste(visit, "coffee with oat milk, no milk")
    assert sent_drink(asked.value)["exclude"] == ["group:dairy"]
    expect(answer).to_contain_text("The recipe leaves out dairy. Excluded from every drink now:")
    expect(visit.page.locator("#excluded")).to_have_text("dairy×")
    visit.page.reload()
    expect(visit.page.locator("#excluded")).to_have_text("dairy×")
    paste(visit, "coffee, no milk, no eggs")
    answer.get_by_role("button", name="Allow egg again").click()
    expect(visit.page.locator("#excluded")).to_have_text("dairy×")
    expect(answer.get_by_role("button")).to_have_count(0)
    visit.expect_drink("coffee")


def test_an_ingredient_of_a_group_that_a_recipe_leaves_out_is_not_poured(visit: Visit) -> None:
    """The page says so, since the recipe contradicts itself."""
    visit.open()
    answer = paste(visit, "coffee, almond milk and cinnamon, no nuts")
    expect(answer).to_contain_text("Not poured, because the recipe leaves it out: almond milk.")
    expect(answer).not_to_contain_text("Not understood")
    visit.expect_drink("cinnamon", "coffee")


@pytest.mark.parametrize(
    ("group", "left", "drink"),
    [("dairy", "milk", ["banana"]), ("of-a-new-model", "milk and banana", ["coffee"])],
)
def test_an_answer_cannot_pour_an_ingredient_of_a_group_that_it_excludes(
    visit: Visit, group: str, left: str, drink: list[str]
) -> None:
    """A group that the page does not know may contain everything."""

    def exclude(route: Any) -> None:
        if '"extract"' not in (route.request.post_data or '"extract"'):
            route.continue_()
            return
        answer = route.fetch().json()
        for task in answer if isinstance(answer, list) else [answer]:
            output = task["output"] or {}
            found = output.get("ingredients", [])
            output["excluded"] = [{**each, "ingredient": f"group:{group}"} for each in found]
        route.fulfill(json=answer)

    visit.open("coffee")
    visit.wait_for_suggestions()
    visit.page.route(re.compile("/api/(process|result)"), exclude)
    expect(paste(visit, "milk, banana")).to_contain_text(f"the recipe leaves it out: {left}.")
    visit.expect_drink(*drink)
    visit.wait_for_suggestions()


def test_a_recipe_cannot_add_excluded_ingredients(visit: Visit) -> None:
    visit.open()
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    expect(paste(visit, "coffee and milk")).to_contain_text("In the glass: coffee.")
    visit.expect_drink("coffee")
    expect(visit.page.locator("#left-out")).to_contain_text("milk is excluded")


def test_a_text_without_ingredients_leaves_the_drink_alone(visit: Visit) -> None:
    visit.open("coffee")
    expect(paste(visit, "lorem ipsum")).to_contain_text("No ingredient of the shelf")
    visit.expect_drink("coffee")


def test_both_languages_name_the_same_shelves_and_starts(visit: Visit) -> None:
    visit.open()
    script = visit.page.locator("script").get_attribute("src") or ""
    keys = visit.page.evaluate(
        """folder => Promise.all(["en", "ru"].map(async language => {
            const { default: table } = await import(new URL(folder + language + ".js", location));
            return [Object.keys(table.shelves).sort(), Object.keys(table.starts).sort()];
        }))""",
        script.removesuffix("app.js"),
    )
    assert keys[0] == keys[1]
    looks = visit.page.evaluate("fetch('api/ingredients').then(found => found.json())")
    assert {entry["look"]["shelf"] for entry in looks} <= set(keys[0][0])
