"""The same request as code, for developers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.page.test_errors import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from tests.page.conftest import Visit

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-key"


def code(visit: Visit, language: str) -> str:
    """Return the code in a language."""
    if not visit.page.locator("#snippet").is_visible():
        visit.page.locator("#playground > summary").click()
    visit.page.locator("#snippet-tabs").get_by_role("button", name=language, exact=True).click()
    text: str = visit.page.locator("#snippet").inner_text()
    return text


@pytest.mark.parametrize("language", ["curl", "Python"])
def test_the_code_gives_the_answer_of_the_page(visit: Visit, language: str) -> None:
    """It runs as it is, and an exclusion is part of it."""
    visit.open("milk", "strawberry")
    visit.page.locator("#leave-out").get_by_role("button", name="nuts", exact=True).click()
    first = visit.suggestions()[0]
    text = code(visit, language)
    assert "group:nuts" in text
    command = ["bash", "-c", text] if language == "curl" else [sys.executable, "-c", text]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "clients/python/src")}
    printed = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    result = json.loads(printed)[0]["result"] if language == "curl" else printed.strip()
    assert result == first


def test_names_with_quotes_are_quoted(visit: Visit) -> None:
    """An address may contain any text, and the shell must not run it."""
    visit.open("milk")
    text = visit.page.evaluate(
        """async () => {
            const entry = document.querySelector("script[type=module]").src;
            const { SNIPPETS } = await import(new URL("snippets.js", entry));
            const body = { ingredients: ["a'b$(id)\\"c"] };
            return SNIPPETS.curl(body, { url: "http://localhost", hasKey: false });
        }"""
    )
    echoed = text.replace("curl -s", "printf '%s\\n'", 1)
    printed = subprocess.run(["bash", "-c", echoed], capture_output=True, text=True, check=True)
    assert json.loads(printed.stdout.splitlines()[-1]) == {"ingredients": ["a'b$(id)\"c"]}


def test_the_code_follows_the_drink(visit: Visit) -> None:
    visit.open("milk")
    assert json.loads(code(visit, "JSON"))["ingredients"] == ["milk"]
    visit.button("banana").click()
    visit.wait_for_suggestions()
    assert json.loads(code(visit, "JSON"))["ingredients"] == ["milk", "banana"]
    assert '"milk",\n' in code(visit, "TypeScript")
    raw = json.loads(visit.page.locator("#raw").inner_text())
    assert raw["result"] == visit.suggestions()[0]


def test_one_click_copies_the_code(visits: Callable[..., Visit]) -> None:
    visit = visits(permissions=["clipboard-read", "clipboard-write"])
    visit.open("milk")
    text = code(visit, "curl")
    visit.button("Copy").click()
    expect(visit.page.locator("#snippet-message")).to_have_text("Copied.")
    assert visit.page.evaluate("navigator.clipboard.readText()") == text


def test_the_key_is_never_part_of_the_code(faulty_visit: Visit) -> None:
    """The code reads it from the environment."""
    visit = faulty_visit

    def guard(route: Route) -> None:
        if route.request.headers.get("x-api-key") == SECRET:
            route.continue_()
        else:
            route.fulfill(**problem("key-refused", 403))

    visit.page.route("**/api/**", guard)
    visit.go("milk")
    visit.page.locator("#key").fill(SECRET)
    visit.page.locator("#key").press("Enter")
    visit.wait_for_suggestions()
    texts = [code(visit, language) for language in ("curl", "Python", "TypeScript", "JSON")]
    assert SECRET not in "".join(texts)
    assert all("BARBACK_KEY" in text for text in texts[:3])
