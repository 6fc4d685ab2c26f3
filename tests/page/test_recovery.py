"""The page recovers by itself when it is offline, and when the server fails or restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.page.test_errors import problem
from tests.page.test_exclusions import hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.page.conftest import Visit

PROCESS = "**/api/process"
OFFLINE = """async () => {
    while (navigator.onLine) await new Promise(done => setTimeout(done, 20));
}"""


def alert(visit: Visit) -> Any:
    return visit.page.locator("#alert")


def stop_clock(visit: Visit) -> None:
    """Stop the timers of the page, so that it repeats nothing by itself."""
    visit.page.clock.pause_at(visit.page.evaluate("Date.now()") / 1000 + 1)


def test_suggestions_stay_while_the_page_is_offline_and_follow_by_themselves(
    faulty_visit: Visit,
) -> None:
    """The drink can be changed meanwhile."""
    visit = faulty_visit
    visit.page.clock.install()
    visit.open("milk")
    old = visit.suggestions()
    visit.page.context.set_offline(True)
    visit.page.evaluate(OFFLINE)
    stop_clock(visit)
    failed: list[str] = []
    visit.page.on("requestfailed", lambda lost: failed.append(lost.url))
    with visit.page.expect_event("requestfailed"):
        visit.button("banana").click()
    visit.expect_drink("banana", "milk")
    expect(alert(visit)).to_contain_text("You are offline. New suggestions follow")
    assert len(failed) == 1  # the page says so at once
    assert visit.page.locator("#suggestions .name").all_inner_texts() == old
    visit.page.clock.resume()
    visit.page.context.set_offline(False)
    visit.wait_for_suggestions()
    expect(alert(visit)).to_be_empty()
    assert "banana" not in visit.suggestions()


@pytest.mark.parametrize("fault", ["abort", "busy", "internal", "html"])
def test_the_page_catches_up_after_a_restart_of_the_server(faulty_visit: Visit, fault: str) -> None:
    """Nobody presses a button."""
    visit = faulty_visit
    visit.open("milk")

    def fail(route: Any) -> None:
        if fault == "abort":
            route.abort()
        elif fault == "html":
            route.fulfill(status=200, content_type="text/html", body="<h1>Starting</h1>")
        else:
            slug, status = {"busy": ("unavailable", 503), "internal": ("internal", 500)}[fault]
            route.fulfill(**problem(slug, status, **{"Retry-After": "0"}))

    visit.page.route(PROCESS, fail)
    visit.button("banana").click()
    expect(alert(visit)).to_contain_text("The page keeps trying.")
    expect(visit.page.locator("#suggestions li")).to_have_count(9)
    visit.page.unroute(PROCESS)
    visit.wait_for_suggestions()
    expect(alert(visit)).to_be_empty()
    assert "banana" not in visit.suggestions()


def test_the_shelf_follows_by_itself_if_the_server_starts_later(faulty_visit: Visit) -> None:
    visit = faulty_visit
    visit.page.route("**/api/ingredients", lambda route: route.abort())
    visit.go("milk")
    expect(alert(visit)).to_contain_text("The page keeps trying.")
    visit.page.unroute("**/api/ingredients")
    visit.expect_drink("milk")
    visit.wait_for_suggestions()
    expect(alert(visit)).to_be_empty()


def test_a_request_that_cannot_succeed_is_not_repeated(faulty_visit: Visit) -> None:
    visit = faulty_visit
    visit.open("milk")
    sent = []

    def refuse(route: Any) -> None:
        sent.append(route)
        route.fulfill(**problem("nothing-to-suggest", 422))

    visit.page.route(PROCESS, refuse)
    visit.page.clock.install()
    visit.button("banana").click()
    expect(alert(visit)).to_contain_text("Nothing is left to suggest.")
    visit.page.clock.fast_forward(60_000)
    expect(visit.page.locator("#suggestions li")).to_have_count(0)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en-US", "Still asking. This takes longer than usual…"),
        ("ru-RU", "Ответ идёт дольше, чем обычно…"),
    ],
)
def test_a_slow_server_is_described_in_words(
    visits: Callable[..., Visit], locale: str, sentence: str
) -> None:
    """The old suggestions stay, and the new ones replace the words."""
    visit = visits(locale=locale)
    visit.page.clock.install()
    visit.open("milk")
    held = hold(visit.page, PROCESS)
    with visit.page.expect_request(PROCESS):
        visit.page.locator("#suggestions button").first.click()
    visit.page.clock.fast_forward(5000)
    expect(visit.page.locator("#state")).to_have_text(sentence)
    expect(visit.page.locator("#suggestions li")).to_have_count(9)
    held[0].continue_()
    visit.wait_for_suggestions()
    expect(visit.page.locator("#state")).to_be_empty()


def test_a_tap_after_a_failure_replaces_the_request(faulty_visit: Visit) -> None:
    """Only the newest drink is asked about, also after the pause before a repetition."""
    visit = faulty_visit
    visit.page.clock.install()
    visit.open("milk")
    stop_clock(visit)
    visit.page.route(PROCESS, lambda route: route.fulfill(status=200, body="<h1>Starting</h1>"))
    visit.button("banana").click()
    expect(alert(visit)).to_contain_text("The page keeps trying.")
    visit.page.unroute(PROCESS)
    held = hold(visit.page, PROCESS)
    with visit.page.expect_request(PROCESS):
        visit.button("ice").click()
    visit.page.clock.fast_forward(3000)
    for route in held:
        route.continue_()
    visit.wait_for_suggestions()
    assert ['"ice"' in (route.request.post_data or "") for route in held] == [True]
