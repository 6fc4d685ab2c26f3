"""Batches, lists of tasks and retries."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from barback import (
    ApiError,
    AsyncBarback,
    Barback,
    Drink,
    ListedTask,
    Retries,
    Status,
    Task,
)

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def client(service: FakeService) -> Barback:
    return Barback("http://bar", retries=Retries(random=lambda: 0.0), transport=service.transport)


def test_submitted_tasks_know_their_batch(service: FakeService) -> None:
    """Each array is one; a drink alone is none."""
    with client(service) as bar:
        tasks = bar.submit(Drink([str(number)]) for number in range(150))
        [alone] = bar.submit(Drink(["milk"]))
    assert len({task.batch_id for task in tasks[:99]} | {task.batch_id for task in tasks[99:]}) == 2
    assert {task.batch_id for task in tasks} <= service.keys.keys()
    assert alone.batch_id == ""


def test_a_batch_has_its_results_in_order(service: FakeService) -> None:
    with client(service) as bar:
        tasks = bar.submit([Drink(["milk"]), Drink(["hangs"])])
        batch = bar.batch(tasks[1].batch_id)
    assert [result.task_id for result in batch.results] == [task.task_id for task in tasks]
    assert (batch.counts[Status.SUCCESS], batch.expected_wait, batch.is_final) == (1, 3, False)


def test_a_task_that_names_no_batch_is_refused_before_anything_is_sent(
    service: FakeService,
) -> None:
    with client(service) as bar, pytest.raises(ValueError, match="has no batch_id"):
        bar.batch(Task("t", Status.PROCESSING))
    assert service.requests == []


def test_an_unknown_batch_is_an_error(service: FakeService) -> None:
    with client(service) as bar, pytest.raises(ApiError, match="None of your batches"):
        bar.batch("unknown")


def test_a_repeated_retry_is_the_same_task(service: FakeService) -> None:
    with client(service) as bar:
        [failed] = bar.submit(Drink(["fails"]))
        assert bar.retry(failed) == bar.retry(failed.task_id) != failed


def test_a_list_is_read_in_pages_up_to_its_limit(service: FakeService) -> None:
    """The fake returns two tasks in a page."""
    with client(service) as bar:
        tasks = bar.submit(Drink([str(number)]) for number in range(9))
        service.requests.clear()
        listed = list(bar.tasks(limit=5))
    assert [task.task_id for task in listed] == [task.task_id for task in reversed(tasks)][:5]
    assert listed[0].submitted_at == datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert [request.url.params["limit"] for request in service.requests] == ["5", "3", "1"]


def test_a_list_without_a_limit_has_all_pages(service: FakeService) -> None:
    with client(service) as bar:
        bar.submit(Drink([str(number)]) for number in range(9))
        service.requests.clear()
        assert len(list(bar.tasks())) == 9
    assert [request.url.params["limit"] for request in service.requests] == ["200"] * 5


def test_a_page_is_fetched_when_its_first_task_is_needed(service: FakeService) -> None:
    with client(service) as bar:
        bar.submit(Drink([str(number)]) for number in range(9))
        service.requests.clear()
        listed = bar.tasks()
        counts = [len(service.requests) for _ in zip(range(3), listed, strict=False)]
    assert counts == [1, 1, 2]


def test_an_asynchronous_list_has_the_same_tasks(service: FakeService) -> None:
    async def program() -> list[ListedTask]:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            return [task async for task in bar.tasks(limit=5)]

    with client(service) as bar:
        bar.submit(Drink([str(number)]) for number in range(9))
        assert asyncio.run(program()) == list(bar.tasks(limit=5))


def test_the_filters_of_a_list_are_sent(service: FakeService) -> None:
    since = datetime(2026, 11, 27, 16, tzinfo=timezone(timedelta(hours=1)))
    with client(service) as bar:
        list(bar.tasks(status=Status.FAIL, since=since, kind="complete", limit=7))
    [request] = service.requests
    assert dict(request.url.params) == {
        "status": "FAIL",
        "since": "2026-11-27T16:00:00+01:00",
        "kind": "complete",
        "limit": "7",
    }


def test_a_time_without_a_zone_is_refused(service: FakeService) -> None:
    with client(service) as bar, pytest.raises(ValueError, match="with a time zone"):
        bar.tasks(since=datetime(2026, 11, 27))  # noqa: DTZ001


def test_tasks_prints_a_line_for_each_task(barback: Command, service: FakeService) -> None:
    barback("submit", "-", "--no-document", stdin="milk\nhangs\n")
    done = barback("tasks", "--status", "PROCESSING", "--since", "2026-11-27", "--limit", "9")
    assert done.exit_code == 0
    task_id, status, kind, time = done.stdout.strip().split("\t")
    assert (task_id, status, kind) == ("task-1", "PROCESSING", "next")
    assert datetime.fromisoformat(time).astimezone() == datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert service.requests[-1].url.params["since"].startswith("2026-11-27T00:00:00")


def test_tasks_prints_json(barback: Command) -> None:
    barback("submit", "-", "--no-document", stdin="milk\n")
    [line] = barback("tasks", "--json").stdout.splitlines()
    assert json.loads(line)["submitted_at"] == "2026-11-27T15:00:00+00:00"


def test_another_time_is_refused_with_an_example(barback: Command) -> None:
    done = barback("tasks", "--since", "yesterday")
    assert done.exit_code == 2
    assert "2026-11-27T15:00" in done.stderr


def test_retry_prints_the_new_tasks(barback: Command) -> None:
    """An id that is refused does not stop the others."""
    barback("submit", "-", "--no-document", stdin="fails\nmilk\n")
    done = barback("retry", "task-1", "task-0")
    assert (done.exit_code, done.stdout) == (3, "task-2\tPROCESSING\n")
    assert "task-1: It is SUCCESS." in done.stderr


def test_submit_names_the_batch_whose_results_batch_prints(barback: Command) -> None:
    submitted = barback("submit", "-", "--no-document", stdin="milk\nhangs\n")
    [command] = [part for part in submitted.stderr.split("`") if part.startswith("barback batch ")]
    done = barback(*command.split()[1:])
    assert done.stdout == "task-0\tSUCCESS\tmilkmilk\ntask-1\tPROCESSING\t\n"
    assert "1 PROCESSING, 1 SUCCESS." in done.stderr
    assert done.exit_code == 4


def test_batch_cancels_what_is_left(barback: Command) -> None:
    submitted = barback("submit", "-", "--no-document", stdin="milk\nhangs\n")
    [command] = [part for part in submitted.stderr.split("`") if part.startswith("barback batch ")]
    done = barback(*command.split()[1:], "--cancel")
    assert (done.exit_code, done.stdout) == (0, "task-1\n")
    assert "1 CANCELLED" in done.stderr
