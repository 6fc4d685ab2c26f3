"""Groups of allergens on the page: one tap excludes all ingredients that may contain one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from infra.local.stack import running_stack
from tests.grouped_model import write_grouped_model
from tests.page.conftest import sent_drink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.page.conftest import Visit

PROCESS = "**/api/process"
INGREDIENTS = "**/api/ingredients*"
STORED = "JSON.parse(localStorage.getItem('barback.excluded'))"
DAIRY = ("milk", "yogurt", "cream", "vanilla ice cream")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a stack whose model has groups; honey has no data."""
    folder = write_grouped_model(tmp_path_factory.mktemp("model") / "artifacts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_DIR", str(folder))
        with running_stack() as url:
            yield url


def toggle(visit: Visit, name: str) -> Any:
    return visit.page.locator("#leave-out").get_by_role("button", name=name, exact=True)


def ask_with(visit: Visit, click: Any) -> dict[str, Any]:
    """Click, and return the drink that the page then sends to the API."""
    with visit.page.expect_request(PROCESS) as asked:
        click.click()
    visit.wait_for_suggestions()
    return sent_drink(asked.value)


def test_one_tap_excludes_a_group(visit: Visit) -> None:
    """Its members leave the glass, the shelf and the suggestions, and so does one without data."""
    visit.open("milk", "honey", "strawberry")
    assert ask_with(visit, toggle(visit, "dairy"))["exclude"] == ["group:dairy"]
    visit.expect_drink("strawberry")
    expect(visit.page.locator("#exclude-hint")).to_contain_text("“Leave out what contains”")
    notice = "milk and honey are excluded, so they are not in the glass."
    expect(visit.page.locator("#left-out")).to_have_text(notice)
    expect(toggle(visit, "dairy")).to_have_attribute("aria-pressed", "true")
    for name in (*DAIRY, "honey"):
        expect(
            visit.page.locator("#shelf").get_by_role("button", name=name, exact=True)
        ).to_be_hidden()
    assert not {*visit.suggestions()} & {*DAIRY, "honey"}
    log = visit.page.get_by_role("log")
    expect(log).to_contain_text("Left out: everything that may contain dairy.")
    assert visit.focused() == "dairy"


def test_a_second_tap_allows_the_group_again(visit: Visit) -> None:
    visit.open()
    toggle(visit, "dairy").click()
    expect(visit.button("yogurt")).to_be_hidden()
    assert ask_with(visit, toggle(visit, "dairy"))["exclude"] == []
    expect(visit.button("yogurt")).to_be_visible()
    expect(toggle(visit, "dairy")).to_have_attribute("aria-pressed", "false")


def test_groups_outlive_the_page_and_reach_the_other_tabs(visit: Visit) -> None:
    """They are stored with the other exclusions."""
    visit.open()
    toggle(visit, "dairy").click()
    toggle(visit, "nuts").click()
    other = visit.page.context.new_page()
    other.goto(f"{visit.url}/#milk,almond-milk,banana")
    expect(other.locator("#drink .name")).to_have_text(["banana"])
    other.locator("#leave-out").get_by_role("button", name="nuts").click()
    expect(toggle(visit, "nuts")).to_have_attribute("aria-pressed", "false")
    visit.page.reload()
    expect(toggle(visit, "dairy")).to_have_attribute("aria-pressed", "true")
    assert visit.page.evaluate(STORED) == ["group:dairy"]


def test_groups_have_names_in_both_languages(visit: Visit) -> None:
    """A group that the page has no name for is shown by its name in the model."""
    visit.open()
    names = visit.page.locator("#leave-out button")
    expect(names).to_have_text(["dairy", "nuts", "peanut", "x-rays"])
    toggle(visit, "dairy").click()
    visit.page.get_by_text("Русский").click()
    expect(names).to_have_text(["молочное", "орехи", "арахис", "x-rays"])
    expect(toggle(visit, "молочное")).to_have_attribute("aria-pressed", "true")


def test_a_search_for_an_excluded_member_offers_to_allow_each_exclusion(visit: Visit) -> None:
    """Allowing one of them is not enough."""
    visit.open()
    toggle(visit, "dairy").click()
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#exclude-name").fill("milk")
    visit.page.keyboard.press("Enter")
    visit.page.locator("#search").fill("milk")
    message = visit.page.locator("#search-message")
    expect(message.get_by_role("button")).to_have_text(["Allow dairy again", "Allow milk again"])
    message.get_by_role("button", name="Allow milk again").click()
    expect(message.get_by_role("button")).to_have_text(["Allow dairy again"])
    visit.page.locator("#search").press("Enter")
    visit.expect_drink()
    message.get_by_role("button", name="Allow dairy again").click()
    visit.page.locator("#search").press("Enter")
    visit.expect_drink("milk")


def test_the_form_takes_the_name_of_a_group(visit: Visit) -> None:
    visit.open("milk")
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#exclude-name").fill(" Dairy ")
    visit.page.keyboard.press("Enter")
    expect(toggle(visit, "dairy")).to_have_attribute("aria-pressed", "true")
    visit.expect_drink()


def test_a_suggested_member_cannot_be_added(visit: Visit) -> None:
    """The page checks again, in case the API suggests it in spite of the exclusion."""
    visit.open("banana")
    toggle(visit, "dairy").click()
    suggestions = [{"ingredient": "milk", "probability": 1}]
    timings = {"queued": 0.1, "computed": 0.2, "total": 0.3}
    task = {"task_id": "t", "status": "SUCCESS", "attempts": 1, "timings": timings}
    body = json.dumps([task | {"suggestions": suggestions}])
    visit.page.route(PROCESS, lambda route: route.fulfill(status=200, body=body))
    visit.button("Complete").click()
    expect(visit.page.locator("#left-out")).to_contain_text("milk is excluded")
    visit.expect_drink("banana")


def test_the_toggles_are_one_stop_of_the_tab_key(visit: Visit) -> None:
    """The arrow keys move between them."""
    visit.open()
    toggle(visit, "dairy").focus()
    visit.page.keyboard.press("ArrowRight")
    assert visit.focused() == "nuts"
    visit.page.keyboard.press("Space")
    expect(toggle(visit, "nuts")).to_have_attribute("aria-pressed", "true")
    assert visit.focused() == "nuts"
    visit.page.keyboard.press("Shift+Tab")
    assert visit.focused() == "Allow nuts again"


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_toggles(
    visits: Callable[..., Visit], scheme: str, locale: str
) -> None:
    """Nor does a small phone scroll sideways."""
    size = {"width": 320, "height": 640}
    visit = visits(viewport=size, color_scheme=scheme, locale=locale)
    visit.open("milk")
    visit.page.locator("#leave-out button").first.click()
    visit.wait_for_suggestions()
    found = Axe().run(visit.page)
    assert found.violations_count == 0, found.generate_report()
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 320


def test_both_languages_name_the_same_groups(visit: Visit) -> None:
    visit.open()
    script = visit.page.locator("script").get_attribute("src") or ""
    names = visit.page.evaluate(
        """folder => Promise.all(["en", "ru"].map(async language => {
            const { default: table } = await import(new URL(folder + language + ".js", location));
            return Object.keys(table.groups).sort();
        }))""",
        script.removesuffix("app.js"),
    )
    assert names[0] == names[1]


def test_a_stored_group_that_the_model_lacks_is_not_ignored(faulty_visit: Visit) -> None:
    """Nothing is suggested until the user allows it again."""
    visit = faulty_visit
    visit.page.goto(visit.url)
    stored = json.dumps(["group:lupin"])
    visit.page.evaluate("text => localStorage.setItem('barback.excluded', text)", stored)
    visit.go("milk")
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("Barback has no data on lupin now, so it cannot leave it out.")
    visit.expect_drink()
    expect(visit.page.locator("#suggestions li")).to_have_count(0)
    expect(visit.button("yogurt")).to_be_hidden()
    visit.page.locator("#exclude > summary").click()
    visit.page.locator("#excluded").get_by_role("button", name="Allow lupin again").click()
    visit.wait_for_suggestions()
    expect(visit.button("yogurt")).to_be_visible()


def test_a_model_without_groups_has_no_toggles(visit: Visit) -> None:
    """An API of an older version does not list them either."""

    def without_groups(route: Any) -> None:
        entries = route.fetch().json()
        plain = [{k: v for k, v in entry.items() if k != "contains"} for entry in entries]
        route.fulfill(json=plain)

    visit.page.route(INGREDIENTS, without_groups)
    visit.open("milk")
    expect(visit.page.locator("#leave-out")).to_be_hidden()
    expect(visit.page.locator("#exclude-hint")).to_contain_text("also exclude cream")
    visit.expect_drink("milk")
