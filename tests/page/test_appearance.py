"""Appearance and accessibility: contrast, names, sizes, colours, motion, announcements."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.page.conftest import DESKTOP, PHONE
from tests.page.test_recovery import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from tests.page.conftest import Visit

SIZES: Final = {"phone": PHONE, "desktop": DESKTOP}
LANGUAGES: Final = {"en": "en-US", "ru": "ru-RU"}
FAULTS: Final = {
    "en": ("This takes longer than usual", "You are offline."),
    "ru": ("Ответ идёт дольше", "Нет подключения"),
}
LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
LOOKS: Final = [
    *itertools.product(SIZES, LANGUAGES, [LIGHT, DARK]),
    ("phone", "en", {"forced_colors": "active"}),
    ("desktop", "ru", DARK | {"forced_colors": "active"}),
]


def check(visit: Visit) -> None:
    """Check the page with axe, including its best-practice rules."""
    found = Axe().run(visit.page)
    assert found.violations_count == 0, found.generate_report()


def open_all(visit: Visit) -> None:
    """Open all parts that can be folded away, and wait for their contents."""
    for summary in visit.page.locator("summary").all():
        summary.click()
    for part in ("#snippet", "#raw", "#facts"):
        expect(visit.page.locator(part)).not_to_be_empty()


def check_faults(visit: Visit, server: dict[str, bool], language: str) -> None:
    """Check the page while its server is slow, is down and cannot be reached."""
    slow, offline = FAULTS[language]
    server["slow"] = True
    visit.page.keyboard.press("1")
    visit.page.clock.fast_forward(5000)
    expect(visit.page.locator("#state")).to_contain_text(slow)
    check(visit)
    server["down"] = True
    visit.page.locator("#undo").click()
    expect(visit.page.get_by_role("alert")).not_to_be_empty()
    check(visit)
    visit.page.context.set_offline(True)
    visit.page.evaluate(OFFLINE)
    visit.page.locator("#redo").click()
    expect(visit.page.get_by_role("alert")).to_contain_text(offline)
    check(visit)


@pytest.mark.parametrize(("size", "language", "colours"), LOOKS)
def test_axe_finds_no_violation(
    visits: Callable[..., Visit], size: str, language: str, colours: dict[str, str]
) -> None:
    """In every state of a visit, from an empty glass to an error."""
    visit = visits(viewport=SIZES[size], locale=LANGUAGES[language], **colours)
    server = {"slow": False, "down": False}

    def answer(route: Route) -> None:
        if server["down"]:
            route.abort()
        elif not server["slow"]:
            route.continue_()

    # Route from the start, since a route that is added later may miss a request.
    visit.page.route("**/api/process", answer)
    visit.page.clock.install()
    visit.open()
    check(visit)
    visit.page.locator("#search").fill("milk")
    expect(visit.page.locator("#ingredients .best")).to_be_visible()
    check(visit)
    visit.page.locator("#search").fill("qwertz")
    expect(visit.page.locator("#search-message")).not_to_be_empty()
    check(visit)
    visit.open("milk", "strawberry", "ice")
    open_all(visit)
    visit.page.locator("#exclude-name").fill("?")
    visit.page.keyboard.press("Enter")
    check(visit)
    visit.page.locator("#skip").focus()
    check(visit)
    visit.page.locator("#skip").blur()
    visit.page.locator("#leave-out button").first.click()
    visit.wait_for_suggestions()
    check(visit)
    visit.page.locator("#serve").click()
    expect(visit.page.locator("#card-category")).not_to_be_empty()
    visit.page.locator("#keep").click()
    check(visit)
    visit.page.locator("#card-close").click()
    visit.page.locator("#clear").click()
    visit.wait_for_suggestions()
    expect(visit.page.locator("#kept")).to_be_visible()
    check(visit)
    check_faults(visit, server, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_a_small_phone(visits: Callable[..., Visit], language: str) -> None:
    """A width of 320 pixels is enough, which is also a desktop at 400% zoom."""
    visit = visits(viewport={"width": 320, "height": 640}, locale=LANGUAGES[language])
    visit.open("lemon-lime-soda", "dark-chocolate", "cream-cheese-foam")
    open_all(visit)
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_glass_and_the_suggestions_are_visible_without_scrolling(
    visits: Callable[..., Visit],
) -> None:
    """On a phone too; from the shelf, the dock leads back to them."""
    visit = visits(viewport=PHONE, has_touch=True, is_mobile=True)
    visit.open("milk")
    for part in ("#glass", "#suggestions li:nth-child(5)"):
        expect(visit.page.locator(part)).to_be_in_viewport(ratio=1)
    expect(visit.page.locator("#dock")).to_be_hidden()
    visit.button("yogurt").scroll_into_view_if_needed()
    expect(visit.page.locator("#dock")).to_contain_text("1 in the glass")
    visit.page.locator("#dock").tap()
    expect(visit.page.locator("#glass")).to_be_in_viewport(ratio=1)
    assert visit.focused() == "Your drink"


def test_the_glass_has_a_layer_for_each_ingredient(visit: Visit) -> None:
    """Layers follow the order of the drink, differ in colour, and move when one is added."""
    visit.open("milk", "strawberry")

    def heights() -> list[float]:
        tops = "layers => layers.map(layer => layer.style.transform.match(/[\\d.]+/)[0])"
        return [float(top) for top in visit.page.locator("#glass .layer").evaluate_all(tops)]

    strawberry, milk = heights()  # lower layers are drawn later
    assert strawberry < milk
    fills = "paths => paths.map(path => path.getAttribute('fill'))"
    colours = visit.page.locator("#glass .layer path").evaluate_all(fills)
    assert len(set(colours)) == 2
    visit.button("banana").click()
    expect(visit.page.locator("#glass .layer")).to_have_count(3)
    assert heights()[0] < strawberry


def test_every_ingredient_has_a_colour(visit: Visit) -> None:
    """It comes from the model's data."""
    visit.open()
    visit.show_tab("A–Z")
    discs = "discs => discs.map(disc => getComputedStyle(disc).backgroundColor)"
    colours = visit.page.locator(".ingredient .disc").evaluate_all(discs)
    assert len(colours) > 200
    assert all(re.fullmatch(r"rgb\(\d+, \d+, \d+\)", colour) for colour in colours)


@pytest.mark.parametrize(
    ("language", "shares"),
    [
        ("en", ["100%", "23%", "5%", "0.2%", "< 0.1%", "0.1%", "10%"]),
        ("ru", ["100\u00a0%", "23\u00a0%", "5\u00a0%", "0,2\u00a0%", "< 0,1\u00a0%"]),
    ],
)
def test_shares_are_written_as_in_their_language(
    visit: Visit, language: str, shares: list[str]
) -> None:
    """With two digits, or one if they are small."""
    visit.open()
    written = visit.page.evaluate(
        """async ([language, numbers]) => {
            const entry = document.querySelector("script[type=module]").src;
            const { percent, setLanguage } = await import(new URL("texts.js", entry));
            setLanguage(language);
            return numbers.map(percent);
        }""",
        [language, [1, 0.2345, 0.0456, 0.0023, 0.0004, 0.001, 0.099][: len(shares)]],
    )
    assert written == shares


def test_the_page_says_that_it_needs_javascript(visits: Callable[..., Visit]) -> None:
    """In both languages, and nothing that needs it is visible."""
    visit = visits(java_script_enabled=False)
    visit.page.goto(visit.url)
    english, russian = visit.page.locator("noscript p").all()
    expect(english).to_contain_text("This page needs JavaScript.")
    expect(russian).to_contain_text("Странице нужен JavaScript.")
    for part in (".languages", "#load-error", "#skip"):
        expect(visit.page.locator(part)).to_be_hidden()


def test_screen_readers_hear_additions_and_suggestions(visit: Visit) -> None:
    """Both are announced without a change of focus."""
    visit.open()
    visit.button("milk").click()
    expect(visit.page.get_by_role("log")).to_contain_text("Added milk.")
    visit.wait_for_suggestions()
    first = visit.suggestions()[0]
    expect(visit.page.get_by_role("log")).to_contain_text(f"9 suggestions. First: {first}, ")


def test_the_api_reference_works_under_its_content_security_policy(visit: Visit) -> None:
    """Swagger UI shows and sends calls, and the browser reports no violation."""
    visit.page.goto(f"{visit.url}/docs")
    expect(visit.page.locator("#operations-tasks-submit_tasks")).to_be_visible()
    visit.page.locator("#operations-service-get_health").click()
    visit.button("Try it out").click()
    visit.button("Execute").click()
    expect(visit.page.locator(".live-responses-table")).to_contain_text('"status": "ok"')


def test_the_page_works_under_a_stage_prefix(visit: Visit) -> None:
    """All of its URLs are relative, as API Gateway's stage name in the path requires."""

    def strip(route: object) -> None:
        request = route.request  # type: ignore[attr-defined]
        target = request.url.replace(f"{visit.url}/dev/", f"{visit.url}/")
        route.fulfill(response=route.fetch(url=target))  # type: ignore[attr-defined]

    asked = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.route(f"{visit.url}/dev/**", strip)
    visit.page.goto(f"{visit.url}/dev/#milk")
    visit.wait_for_suggestions()
    assert all(url.startswith((f"{visit.url}/dev/", "data:")) for url in asked)
