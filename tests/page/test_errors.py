"""How the page handles failures of the API, the network or the user."""

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
    """Return a problem response, from the gateway or from the function."""
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


def test_a_throttled_request_is_sent_again(faulty_visit: Visit) -> None:
    """The page waits for the time in Retry-After, and shows no error."""
    answers = [problem("slow-down", 429, **{"Retry-After": "1"})]

    def refuse_once(route: Route) -> None:
        route.fulfill(**answers.pop()) if answers else route.continue_()

    faulty_visit.page.route(PROCESS, refuse_once)
    faulty_visit.open("milk")
    assert answers == []
    expect(alert(faulty_visit.page)).to_be_empty()


def test_an_exceeded_quota_is_reported_at_once(faulty_visit: Visit) -> None:
    """The page does not send the request again, since the quota lasts until midnight."""
    answer = problem("quota-exceeded", 429, **{"Retry-After": "3600"})
    sent = []

    def refuse(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(**answer)

    faulty_visit.page.route(PROCESS, refuse)
    faulty_visit.go("milk")
    expect(alert(faulty_visit.page)).to_contain_text("has no requests left today")
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("slug", "status", "sentence"),
    [
        ("nothing-to-suggest", 422, "Nothing is left to suggest."),
        ("internal", 500, "Something went wrong on our side"),
        ("unavailable", 503, "Barback is busy."),
        ("of-tomorrow", 422, "Barback refused this: Not on Mondays."),
    ],
)
def test_a_problem_is_explained(faulty_visit: Visit, slug: str, status: int, sentence: str) -> None:
    """For a type that the page does not know, it shows the detail from the API."""
    answer = problem(slug, status, "Not on Mondays.", **{"Retry-After": "0"})
    faulty_visit.page.route(PROCESS, lambda route: route.fulfill(**answer))
    faulty_visit.go("milk")
    expect(alert(faulty_visit.page)).to_contain_text(sentence)


def test_a_request_can_be_sent_again_by_hand(faulty_visit: Visit) -> None:
    """If the page does not repeat it by itself; then the focus moves to the suggestions."""
    answer = problem("of-tomorrow", 422, "Not on Mondays.")
    faulty_visit.page.route(PROCESS, lambda route: route.fulfill(**answer))
    faulty_visit.go("milk")
    expect(alert(faulty_visit.page)).to_contain_text("Not on Mondays.")
    faulty_visit.page.unroute(PROCESS)
    faulty_visit.button("Try again").click()
    faulty_visit.wait_for_suggestions()
    expect(alert(faulty_visit.page)).to_be_empty()
    assert faulty_visit.page.evaluate("document.activeElement.className") == "suggestion"


def test_a_response_that_is_not_json_is_reported(faulty_visit: Visit) -> None:
    """A proxy may answer with an HTML page."""
    html = {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to the hotel</h1>"}
    faulty_visit.page.route(PROCESS, lambda route: route.fulfill(**html))
    faulty_visit.go("milk")
    expect(alert(faulty_visit.page)).to_contain_text("an answer that this page cannot read")


def test_a_failed_task_is_shown_as_failed(visit: Visit) -> None:
    """Its timeline ends with Failed, and the error explains why."""
    error = {"type": "worker-lost", "detail": "The worker was lost.", "retryable": True}
    body = json.dumps([result("FAIL", suggestions=[], error=error)])
    visit.page.route(PROCESS, lambda route: route.fulfill(status=200, body=body))
    visit.go("milk")
    expect(alert(visit.page)).to_contain_text("The worker stopped before it could answer.")
    visit.page.locator("#how > summary").click()
    expect(visit.page.locator("#steps .failed")).to_contain_text("Failed")


def test_an_error_follows_a_language_switch(faulty_visit: Visit) -> None:
    """A visible error message changes its language too."""
    faulty_visit.page.route(PROCESS, lambda route: route.abort())
    faulty_visit.go("milk")
    expect(alert(faulty_visit.page)).to_contain_text("Barback does not answer")
    faulty_visit.page.get_by_text("Русский").click()
    expect(alert(faulty_visit.page)).to_contain_text("Barback сейчас не отвечает.")


def test_the_page_asks_for_an_api_key_if_the_stack_needs_one(faulty_visit: Visit) -> None:
    """The key is then sent with each call, and kept for this tab only."""
    page = faulty_visit.page
    seen = set()

    def guard(route: Route) -> None:
        key = route.request.headers.get("x-api-key")
        seen.add(key)
        if key == "right":
            route.continue_()
        else:
            route.fulfill(**problem("key-refused", 403))

    page.route("**/api/**", guard)
    faulty_visit.go("milk")
    expect(alert(page)).to_contain_text("Barback needs an API key here.")
    assert faulty_visit.focused() == "API key"
    expect(page.locator("#shelf")).to_be_hidden()
    page.keyboard.type("wrong\n")
    expect(alert(page)).to_contain_text("Barback did not accept this key.")
    page.keyboard.type("right\n")
    faulty_visit.wait_for_suggestions()
    expect(alert(page)).to_be_empty()
    expect(page.get_by_label("API key")).to_be_hidden()
    assert faulty_visit.focused() == "What goes with it"
    assert seen == {None, "wrong", "right"}
    assert "right" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    faulty_visit.wait_for_suggestions()


def test_the_local_stack_needs_no_api_key(visit: Visit) -> None:
    """The form for the key stays hidden."""
    visit.open()
    expect(visit.page.get_by_label("API key")).to_be_hidden()


def test_an_unknown_name_gets_the_nearest_names(faulty_visit: Visit) -> None:
    """They are offered as buttons, and a click searches for one."""
    faulty_visit.open()
    faulty_visit.page.locator("#search").fill("strawbery")
    expect(faulty_visit.page.locator("#search-message")).to_contain_text(
        "We do not have “strawbery”."
    )
    expect(faulty_visit.page.locator("#search-hint")).to_be_empty()
    expect(faulty_visit.page.locator("#ingredients .best")).to_have_count(0)
    faulty_visit.page.locator("#search-message").get_by_role(
        "button", name="strawberry", exact=True
    ).click()
    faulty_visit.page.keyboard.press("Enter")
    faulty_visit.expect_drink("strawberry")


@pytest.mark.parametrize(
    ("language", "name", "sentence"),
    [
        ("English", "rum", "We do not have “rum”: this bar serves no alcohol."),
        ("Русский", "тёмный ром", "У нас нет «тёмный ром»: в этом баре не подают алкоголь."),
    ],
)
def test_a_search_for_an_alcoholic_drink_says_that_there_is_none(
    faulty_visit: Visit, language: str, name: str, sentence: str
) -> None:
    """No similar name is offered."""
    faulty_visit.open()
    faulty_visit.page.get_by_text(language).click()
    faulty_visit.page.locator("#search").fill(name)
    expect(faulty_visit.page.locator("#search-message")).to_have_text(sentence)
    expect(faulty_visit.page.locator("#search-message button")).to_have_count(0)


def test_an_outdated_answer_is_not_shown(visit: Visit) -> None:
    """A newer request cancels the older task, and no longer waits for its answer."""
    cancelled = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    def process(route: Route) -> None:
        if "banana" not in (route.request.post_data or ""):
            body = [{"task_id": "late", "status": "PROCESSING", "url_result": "/api/result/late"}]
            route.fulfill(status=202, headers={"Retry-After": "1"}, body=json.dumps(body))
        else:
            route.continue_()

    def cancel(route: Route) -> None:
        cancelled.append(route.request.method)
        route.fulfill(status=200, body="{}")

    visit.page.route(PROCESS, process)
    visit.page.route("**/api/result/late*", hold)
    visit.page.route("**/api/task/late", cancel)
    visit.go("milk")
    expect(visit.page.locator("#state")).to_contain_text("In the queue.")
    with (
        visit.page.expect_event("requestfailed", lambda lost: "/late" in lost.url),
        visit.page.expect_response("**/api/task/late"),
    ):
        visit.button("banana").click()
    assert visit.suggestions()
    assert len(held) == 1
    assert cancelled == ["DELETE"]


def test_a_task_is_polled_until_it_is_final(visit: Visit) -> None:
    """The API may hold each request; Retry-After sets the time between them."""
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
    assert [url.partition("?")[2] for url in polls] == ["wait=20", "wait=20"]
