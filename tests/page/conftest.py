"""Fixtures that drive the page in a real Chromium, on the whole local stack."""

from __future__ import annotations

import json
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
TIMEOUT_MS: Final = 15_000
MAX_TABS: Final = 60

expect.set_options(timeout=TIMEOUT_MS)


def sent_drink(request: Request) -> dict[str, Any]:
    """Return the drink that the page sent, which is alone in its array."""
    [drink] = json.loads(request.post_data or "")
    found: dict[str, Any] = drink
    return found


@dataclass
class Visit:
    """One visit to the page, in a browser tab.

    Attributes:
        console_errors: errors and warnings in the browser's console.
        hosts: the hosts that the browser has sent requests to.
    """

    page: Page
    url: str
    console_errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(TIMEOUT_MS)
        self.page.on("console", lambda message: self._record_message(message.type, message.text))
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        self.page.on("request", self._record_host)

    def _record_message(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.console_errors.append(text)

    def _record_host(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "data":
            self.hosts.add(f"{url.scheme}://{url.netloc}")

    def open(self, *drink: str) -> None:
        """Open the page with a drink in its address, and wait until all of it is drawn."""
        self.go(*drink)
        self.wait_for_suggestions()
        # The answer may come before the other parts are drawn; the glass is one of them.
        expect(self.page.locator("#glass")).not_to_have_attribute("aria-label", "")

    def go(self, *drink: str) -> None:
        """Open the page with a drink in its address."""
        self.page.goto("about:blank")  # otherwise a change of the hash would not load the page
        self.page.goto(f"{self.url}/#{','.join(drink)}")

    def wait_for_suggestions(self) -> None:
        """Wait until suggestions for the current drink are shown."""
        expect(self.page.locator("#suggestions:not([aria-busy=true]) li").first).to_be_visible()

    def drink(self) -> list[str]:
        """Return the names in the drink, from the top of the glass."""
        return self.page.locator("#drink .name").all_inner_texts()

    def expect_drink(self, *names: str) -> None:
        """Wait until the drink has these names, from the top of the glass."""
        expect(self.page.locator("#drink .name")).to_have_text(list(names))

    def suggestions(self) -> list[str]:
        self.wait_for_suggestions()
        return self.page.locator("#suggestions .name").all_inner_texts()

    def show_tab(self, name: str) -> None:
        """Show a part of the shelf."""
        self.page.locator("#tabs").get_by_role("button", name=name, exact=True).click()

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def focused(self) -> str:
        """Return the accessible name of the focused element; the focus must never be lost."""
        found: str = self.page.evaluate(
            "(at => at === document.body ? '' :"
            " at.getAttribute('aria-label') || at.labels?.[0]?.innerText || at.innerText)"
            "(document.activeElement)"
        )
        assert found, "The focus is lost."
        return found

    def tab_to(self, markup: str, key: str = "Tab") -> None:
        """Press a key until the focused element contains this markup."""
        for _ in range(MAX_TABS):
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
    with running_stack() as url:
        yield url


@pytest.fixture
def visits(browser: Browser, stack: str) -> Iterator[Callable[..., Visit]]:
    """Return a function that makes visits, each with empty storage; only the stack is contacted."""
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
    """Return a visit on a desktop; the test fails if the browser's console shows an error."""
    made = visits()
    yield made
    assert made.console_errors == []


@pytest.fixture
def faulty_visit(visits: Callable[..., Visit]) -> Visit:
    """Return a visit on a desktop where calls may fail, so the console may show errors."""
    return visits()
