"""What the page does when the API, the network or the caller fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.page.conftest import Visit

PROCESS = "**/api/process"


def problem(slug: str, status: int, detail: str = "No.", **headers: str) -> dict[str, Any]:
    """Return an answer of the gateway, or of the function behind it."""
    body = {"type": f"urn:barback:problem:{slug}", "status": status, "detail": detail}
    return {
        "status": status,
        "headers": {"Content-Type": "application/problem+json", **headers},
        "body": json.dumps(body),
    }


def result(status: str = "SUCCESS", **more: Any) -> dict[str, Any]:
    """Return a task's result."""
    timings = {"queued": 0.1, "computed": 0.2, "total": 0.3}
    return {"task_id": "t", "status": status, "attempts": 1, "timings": timings, **more}


def alert(page: Page) -> Any:
    return page.locator("[role=alert]")


def test_a_bar_that_does_not_answer_is_asked_again(troubled: Visit) -> None:
    """The page says so, keeps the drink, and goes on when it is told to."""
    page = troubled.page
    page.route(PROCESS, lambda route: route.abort())
    troubled.go("milk")
    expect(alert(page)).to_contain_text("Barback did not answer.")
    troubled.has("milk")
    page.unroute(PROCESS)
    troubled.button("Try again").click()
    troubled.settled()
    expect(alert(page)).to_be_empty()
    assert troubled.focused() == "What goes with it"


def test_somebody_without_a_network_is_told_so(troubled: Visit) -> None:
    """The sentence is another than for a bar that is away."""
    troubled.open("milk")
    troubled.page.context.set_offline(True)
    troubled.page.wait_for_function("!navigator.onLine")
    troubled.page.keyboard.press("1")
    expect(alert(troubled.page)).to_contain_text("You are offline.")
    troubled.page.context.set_offline(False)
    troubled.page.wait_for_function("navigator.onLine")
    troubled.button("Try again").click()
    troubled.settled()


def test_a_bar_that_is_away_from_the_start_is_asked_again(troubled: Visit) -> None:
    """Without the names there is nothing to build with, but a way on."""
    pattern = "**/api/ingredients"
    troubled.page.route(pattern, lambda route: route.abort())
    troubled.go("milk")
    expect(alert(troubled.page)).to_contain_text("Barback did not answer.")
    troubled.page.unroute(pattern)
    troubled.button("Try again").click()
    troubled.has("milk")


def test_who_asks_too_much_is_patient_by_itself(troubled: Visit) -> None:
    """A refusal that names its time is followed by the same question then."""
    answers = [problem("slow-down", 429, **{"Retry-After": "1"})]

    def refuse_once(route: Route) -> None:
        route.fulfill(**answers.pop()) if answers else route.continue_()

    troubled.page.route(PROCESS, refuse_once)
    troubled.open("milk")
    assert answers == []
    expect(alert(troubled.page)).to_be_empty()


@pytest.mark.parametrize(
    ("slug", "status", "sentence"),
    [
        ("nothing-to-suggest", 422, "Nothing is left to suggest."),
        ("internal", 500, "Something went wrong on our side"),
        ("unavailable", 503, "Barback is busy."),
        ("of-tomorrow", 422, "Barback refused this: Not on Mondays."),
    ],
)
def test_a_problem_is_said_in_words(troubled: Visit, slug: str, status: int, sentence: str) -> None:
    """A type that the page does not know yet is said in the API's own words."""
    answer = problem(slug, status, "Not on Mondays.", **{"Retry-After": "0"})
    troubled.page.route(PROCESS, lambda route: route.fulfill(**answer))
    troubled.go("milk")
    expect(alert(troubled.page)).to_contain_text(sentence)
    expect(troubled.button("Try again")).to_be_visible()


def test_an_answer_that_is_not_json_is_survived(troubled: Visit) -> None:
    """A proxy's error page is said to be unreadable."""
    html = {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to the hotel</h1>"}
    troubled.page.route(PROCESS, lambda route: route.fulfill(**html))
    troubled.go("milk")
    expect(alert(troubled.page)).to_contain_text("an answer that this page cannot read")


def test_a_task_that_failed_is_shown_as_such(visit: Visit) -> None:
    """Its life ends in failure, and it can be asked again."""
    error = {"type": "worker-lost", "detail": "The worker was lost.", "retryable": True}
    body = json.dumps([result("FAIL", suggestions=[], error=error)])
    visit.page.route(PROCESS, lambda route: route.fulfill(status=200, body=body))
    visit.go("milk")
    expect(alert(visit.page)).to_contain_text("The worker stopped before it could answer.")
    expect(visit.page.locator("#steps .failed")).to_contain_text("Failed")


def test_the_trouble_is_translated_too(troubled: Visit) -> None:
    """A switch of the language while it is shown leaves nothing behind in the other."""
    troubled.page.route(PROCESS, lambda route: route.abort())
    troubled.go("milk")
    expect(alert(troubled.page)).to_contain_text("Barback did not answer.")
    troubled.page.get_by_text("Русский").click()
    expect(alert(troubled.page)).to_contain_text("Barback не отвечает.")


def test_a_key_is_asked_for_where_the_stack_asks_for_one(troubled: Visit) -> None:
    """It is sent with each call from then on, and kept for this tab alone."""
    page = troubled.page
    seen = set()

    def guard(route: Route) -> None:
        key = route.request.headers.get("x-api-key")
        seen.add(key)
        if key == "right":
            route.continue_()
        else:
            route.fulfill(**problem("key-refused", 403))

    page.route("**/api/**", guard)
    troubled.go("milk")
    expect(alert(page)).to_contain_text("Barback needs an API key here.")
    assert troubled.focused() == "API key"
    expect(page.locator("#shelf")).to_be_hidden()
    page.keyboard.type("wrong\n")
    expect(alert(page)).to_contain_text("Barback did not accept this key.")
    page.keyboard.type("right\n")
    troubled.settled()
    expect(alert(page)).to_be_empty()
    expect(page.get_by_label("API key")).to_be_hidden()
    assert troubled.focused() == "What goes with it"
    assert seen == {None, "wrong", "right"}
    assert "right" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    troubled.settled()


def test_no_key_is_asked_for_on_this_machine(visit: Visit) -> None:
    """The local stack wants none."""
    visit.open()
    expect(visit.page.get_by_label("API key")).to_be_hidden()


def test_an_unknown_name_is_met_with_the_nearest(troubled: Visit) -> None:
    """They are offered as buttons, and one tap looks for it."""
    troubled.open()
    troubled.page.locator("#search").fill("strawbery")
    expect(troubled.page.locator("#search-message")).to_contain_text("We do not have “strawbery”.")
    troubled.page.locator("#search-message").get_by_role("button", name="strawberry", exact=True).click()
    troubled.page.keyboard.press("Enter")
    troubled.has("strawberry")


def test_a_late_answer_never_replaces_a_newer_one(visit: Visit) -> None:
    """The task that nobody waits for is cancelled, and its answer is not shown."""
    cancelled = []

    def process(route: Route) -> None:
        if "banana" not in (route.request.post_data or ""):
            body = [{"task_id": "late", "status": "PROCESSING", "url_result": "/api/result/late"}]
            route.fulfill(status=202, headers={"Retry-After": "1"}, body=json.dumps(body))
        else:
            route.continue_()

    def late(route: Route) -> None:
        answer = result(suggestions=[{"ingredient": "beet juice", "probability": 1.0}])
        route.fulfill(status=200, body=json.dumps(answer))

    def cancel(route: Route) -> None:
        cancelled.append(route.request.method)
        route.fulfill(status=200, body="{}")

    visit.page.route(PROCESS, process)
    visit.page.route("**/api/result/late*", late)
    visit.page.route("**/api/task/late", cancel)
    visit.go("milk")
    expect(visit.page.locator("#steps [aria-current]")).to_contain_text("Queued")
    visit.button("banana").click()
    assert "beet juice" not in visit.suggestions()
    assert cancelled == ["DELETE"]


def test_a_task_is_polled_until_it_ends(visit: Visit) -> None:
    """As often as Retry-After says, for a bar that does not hold its answers back."""
    polls = []

    def process(route: Route) -> None:
        body = [{"task_id": "slow", "status": "PROCESSING", "url_result": "/api/result/slow"}]
        route.fulfill(status=202, headers={"Retry-After": "1"}, body=json.dumps(body))

    def poll(route: Route) -> None:
        polls.append(route.request.url)
        if len(polls) < 2:
            body = {"task_id": "slow", "status": "PROCESSING", "result": ""}
            route.fulfill(status=202, headers={"Retry-After": "1"}, body=json.dumps(body))
            return
        answer = result(suggestions=[{"ingredient": "banana", "probability": 0.5}])
        route.fulfill(status=200, body=json.dumps(answer))

    visit.page.route(PROCESS, process)
    visit.page.route("**/api/result/slow*", poll)
    visit.go("milk")
    assert visit.suggestions() == ["banana"]
    assert [url.partition("?")[2] for url in polls] == ["wait=5", "wait=5"]
