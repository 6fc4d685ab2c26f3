"""The page in a real Chromium, on the whole local stack."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from infra.local.stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP: Final = {"width": 1280, "height": 800}
PHONE: Final = {"width": 390, "height": 844}
WITHIN_MS: Final = 15_000
MOST_TABS: Final = 60

expect.set_options(timeout=WITHIN_MS)


@dataclass
class Visit:
    """Somebody at the page.

    Attributes:
        complaints: what the browser's console said of errors.
        hosts: whom the browser asked for anything.
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WITHIN_MS)
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._see)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _see(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "data":
            self.hosts.add(f"{url.scheme}://{url.netloc}")

    def open(self, *drink: str) -> None:
        """Open the page with a drink in its address, and wait for what goes with it."""
        self.go(*drink)
        self.settled()

    def go(self, *drink: str) -> None:
        self.page.goto("about:blank")  # else a browser that is here already would not load it
        self.page.goto(f"{self.url}/#{','.join(drink)}")

    def settled(self) -> None:
        """Wait until suggestions are there and up to date."""
        expect(self.page.locator("#suggestions:not([inert]) li").first).to_be_visible()

    def drink(self) -> list[str]:
        """Return the names in the drink, from the top of the glass."""
        return self.page.locator("#drink .name").all_inner_texts()

    def has(self, *names: str) -> None:
        """Wait until the drink is this, from the top of the glass."""
        expect(self.page.locator("#drink .name")).to_have_text(list(names))

    def suggestions(self) -> list[str]:
        self.settled()
        return self.page.locator("#suggestions .name").all_inner_texts()

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def focused(self) -> str:
        """Return the name of what has the focus; it must never be nothing."""
        found: str = self.page.evaluate(
            "(at => at === document.body ? '' :"
            " at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText)"
            "(document.activeElement)"
        )
        assert found, "The focus is lost."
        return found

    def tab_to(self, markup: str, key: str = "Tab") -> None:
        """Press a key until the focus is on the element with that in its markup."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press(key)
            if markup in self.page.evaluate("document.activeElement.outerHTML"):
                return
        raise AssertionError(f"{markup} cannot be reached with {key}.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"No Chromium is on the PATH; install one of {', '.join(NAMES)}.")
    # Chromium's own sandbox refuses to run as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def stack() -> Iterator[str]:
    with running_stack(0) as url:
        yield url


@pytest.fixture
def visits(browser: Browser, stack: str) -> Iterator[Callable[..., Visit]]:
    """Make visits, each in a browser that has never been here; nobody else may be asked."""
    made = []

    def visit(**options: Any) -> Visit:
        context = browser.new_context(
            **{"viewport": DESKTOP, "locale": "en-US", "reduced_motion": "reduce", **options}
        )
        made.append(Visit(context.new_page(), stack))
        return made[-1]

    yield visit
    for each in made:
        each.page.context.close()
        assert each.hosts <= {stack}


@pytest.fixture
def visit(visits: Callable[..., Visit]) -> Iterator[Visit]:
    """Return a visit at a desk, which must end without a complaint of the browser."""
    made = visits()
    yield made
    assert made.complaints == []


@pytest.fixture
def troubled(visits: Callable[..., Visit]) -> Visit:
    """Return a visit at a desk where calls may fail, of which the console may complain."""
    return visits()
