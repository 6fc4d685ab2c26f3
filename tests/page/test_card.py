"""The card of a finished drink, and what can be done with it."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator

    from tests.page.conftest import Visit

PNG = b"\x89PNG\r\n\x1a\n"
PIXELS = """async text => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(image.width / 2, 0, 1, image.height);
    let hasStrawberry = false;
    for (let at = 0; at < data.length; at += 4) {
        hasStrawberry ||= data[at] > 200 && data[at + 1] < 110 && data[at + 2] < 130;
    }
    return { width: image.width, hasStrawberry };
}"""


def serve(visit: Visit, *drink: str) -> Locator:
    """Build a drink, open its card, and wait until the model has described it."""
    visit.open(*drink)
    visit.page.locator("#serve").click()
    expect(visit.page.locator("#card-category")).not_to_be_empty()
    card = visit.page.get_by_role("dialog")
    expect(card).to_be_visible()
    return card


def test_a_known_drink_is_named(visit: Visit) -> None:
    card = serve(visit, "espresso", "milk")
    expect(card.get_by_role("heading")).to_have_text("Latte")
    expect(card).to_contain_text("You have made")
    expect(visit.page.locator("#card-category")).to_have_text("coffee")
    expect(visit.page.locator("#card-difference")).to_be_empty()


def test_the_nearest_known_drink_is_named_with_the_difference(visit: Visit) -> None:
    card = serve(visit, "ginger-ale", "grenadine", "cherry", "ice", "salt")
    expect(card.get_by_role("heading")).to_have_text("Shirley Temple")
    expect(card).to_contain_text("Close to")
    expect(visit.page.locator("#card-difference")).to_have_text("Yours adds salt.")


def test_the_card_gives_reasons_for_ingredients(visit: Visit) -> None:
    """They are known drinks that contain them."""
    serve(visit, "espresso", "milk", "sugar")
    sugar = visit.page.locator(".name", has_text=re.compile("^sugar$"))
    row = visit.page.locator("#card-ingredients li").filter(has=sugar)
    expect(row.locator(".reason")).to_contain_text("as in Latte with Sugar")


def test_no_reason_names_a_drink_with_an_excluded_ingredient(visit: Visit) -> None:
    """A guest with an allergy may order it."""
    visit.open("espresso", "oat-milk")
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    visit.wait_for_suggestions()
    with visit.page.expect_request("**/api/process") as sent:
        visit.page.locator("#serve").click()
    expect(visit.page.locator("#card-ingredients .reason").first).not_to_be_empty()
    drinks = json.loads(sent.value.post_data or "")
    assert len(drinks) >= 2
    assert all(drink["exclude"] == ["group:dairy"] for drink in drinks)


def test_the_card_asks_for_everything_with_one_request(visit: Visit) -> None:
    """The drink may have any number of ingredients."""
    visit.open("espresso", "milk", "sugar", "ice")
    sent: list[str] = []
    visit.page.on("request", lambda asked: sent.append(asked.url))
    visit.page.locator("#serve").click()
    expect(visit.page.locator("#card-category")).not_to_be_empty()
    expect(visit.page.locator("#card-ingredients .reason:not(:empty)")).to_have_count(4)
    assert [url for url in sent if "/api/" in url] == [f"{visit.url}/api/process"]


@pytest.mark.parametrize(
    ("drink", "sentence"),
    [
        (("milk", "almond"), "Usually contains dairy and nuts."),
        (("water", "lemon"), "Usually contains none of the allergens"),
    ],
)
def test_the_card_lists_allergens(visit: Visit, drink: tuple[str, ...], sentence: str) -> None:
    serve(visit, *drink)
    expect(visit.page.locator("#card-allergens")).to_contain_text(sentence)
    expect(visit.page.locator("#card-allergens")).to_contain_text("Check the labels")


def test_missing_data_on_allergens_are_named(visit: Visit) -> None:
    """The card never calls such a drink free of allergens."""

    def without_data(route: Any) -> None:
        entries = route.fetch().json()
        for entry in entries:
            if entry["id"] == "lemon":
                entry["contains"] = None
        route.fulfill(json=entries)

    visit.page.route("**/api/ingredients", without_data)
    serve(visit, "water", "lemon")
    allergens = visit.page.locator("#card-allergens")
    expect(allergens).to_contain_text("For some ingredients there are no data on allergens.")
    expect(allergens).not_to_contain_text("none of the allergens")


def test_the_card_works_without_the_api(faulty_visit: Visit) -> None:
    """It has the picture, the ingredients and the allergens."""
    visit = faulty_visit
    visit.open("milk", "banana")
    visit.page.context.set_offline(True)
    visit.page.locator("#serve").click()
    expect(visit.page.locator("#card-ingredients .name")).to_have_text(["banana", "milk"])
    expect(visit.page.locator("#card-allergens")).to_contain_text("dairy")
    expect(visit.page.locator("#card-glass .layer")).to_have_count(2)


def test_the_link_can_be_copied(visits: Callable[..., Visit]) -> None:
    visit = visits(permissions=["clipboard-read", "clipboard-write"])
    serve(visit, "milk", "banana")
    visit.button("Copy link").click()
    expect(visit.page.locator("#card-message")).to_have_text("The link is copied.")
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{visit.url}/#milk,banana"


def test_a_device_with_a_share_sheet_gets_a_button_for_it(visit: Visit) -> None:
    """It shares the title and the link."""
    visit.page.add_init_script(
        "navigator.share = async data => { window.shared = data; document.title = 'shared'; };"
        "navigator.canShare = ({ files }) => files[0].type === 'image/png';"
    )
    serve(visit, "espresso", "milk")
    visit.button("Share").click()
    expect(visit.page).to_have_title("shared")
    assert visit.page.evaluate("[shared.title, shared.url, shared.files[0].name]") == [
        "Latte",
        f"{visit.url}/#espresso,milk",
        "drink.png",
    ]


def test_a_device_without_a_share_sheet_has_no_such_button(visit: Visit) -> None:
    visit.page.add_init_script("navigator.share = undefined")
    serve(visit, "espresso", "milk")
    expect(visit.button("Share")).to_be_hidden()


def test_the_picture_can_be_saved(visit: Visit, tmp_path: Path) -> None:
    """It is drawn in the browser, and shows the drink's colours."""
    serve(visit, "milk", "strawberry")
    with visit.page.expect_download() as download:
        visit.button("Save picture").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "drink.png"
    assert path.read_bytes().startswith(PNG)
    colours = visit.page.evaluate(PIXELS, base64.b64encode(path.read_bytes()).decode())
    assert colours == {"width": 1080, "hasStrawberry": True}


def test_a_drink_is_kept_on_the_device(visit: Visit) -> None:
    """It is offered when the glass is empty, after a reload too, until it is forgotten."""
    card = serve(visit, "espresso", "milk")
    card.get_by_role("button", name="Keep").click()
    expect(visit.page.locator("#card-message")).to_contain_text("Kept on this device.")
    card.get_by_role("button", name="Close").click()
    assert visit.focused() == "Serve"
    visit.open()
    kept = visit.page.locator("#kept")
    kept.get_by_role("button", name="Latte", exact=True).click()
    visit.expect_drink("milk", "espresso")
    visit.open()
    kept.get_by_role("button", name="Forget Latte").click()
    expect(kept).to_be_hidden()
    assert visit.page.evaluate("localStorage.getItem('barback.kept')") == "[]"


def test_a_kept_drink_cannot_bring_back_an_excluded_ingredient(visit: Visit) -> None:
    card = serve(visit, "espresso", "milk")
    card.get_by_role("button", name="Keep").click()
    visit.open()
    visit.page.locator("#leave-out").get_by_role("button", name="dairy", exact=True).click()
    visit.page.locator("#kept").get_by_role("button", name="Latte", exact=True).click()
    visit.expect_drink("espresso")
    expect(visit.page.locator("#left-out")).to_contain_text("milk is excluded")


@pytest.mark.parametrize("stored", ["{", "7", "[7]", '[{"name": 1}]', '[{"name": "x", "ids": 3}]'])
def test_a_damaged_list_of_kept_drinks_does_no_harm(visit: Visit, stored: str) -> None:
    visit.page.goto(f"{visit.url}/docs")
    visit.page.evaluate("text => localStorage.setItem('barback.kept', text)", stored)
    visit.open()
    expect(visit.page.locator("#kept")).to_be_hidden()


def test_only_the_card_is_printed(visit: Visit) -> None:
    serve(visit, "espresso", "milk")
    visit.page.emulate_media(media="print")
    expect(visit.page.locator("#card-title")).to_be_visible()
    for part in ("header", "#shelf", "#drink-panel", ".card-actions"):
        expect(visit.page.locator(part)).to_be_hidden()


def test_a_link_understands_names_in_any_language(visits: Callable[..., Visit]) -> None:
    """The address then contains ids, so that the drink is the same everywhere."""
    visit = visits()
    visit.page.goto(f"{visit.url}/#молоко,Клубника,oj")
    visit.expect_drink("orange juice", "strawberry", "milk")
    visit.button("ice").click()
    visit.expect_drink("ice", "orange juice", "strawberry", "milk")
    expect(visit.page).to_have_url(f"{visit.url}/#milk,strawberry,orange-juice,ice")


def test_both_languages_name_the_categories_of_the_model(visits: Callable[..., Visit]) -> None:
    """A category that the page has no name for is shown by its name in the model."""
    visit = visits(locale="ru-RU")
    serve(visit, "espresso", "milk")
    expect(visit.page.locator("#card-category")).to_have_text("кофе")
