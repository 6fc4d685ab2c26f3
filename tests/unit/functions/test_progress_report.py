from __future__ import annotations

import logging
import threading
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

import pytest

from functions.worker.progress_report import CALL_SECONDS, INTERVAL, ProgressReporter
from tasks.messages import TaskMessage
from tasks.task import Lane, Progress, Task
from tests.fakes import NOW, FakeClock, InlineExecutor, InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE = TaskMessage("t1", "me", {}, NOW + 900)
WITHIN = 20.0  # seconds
FIRST, SECOND = Progress(0.25, 10, 10, 0), Progress(0.5, 20, 19, 1)


class StuckExecutor(Executor):
    """Threads whose calls never end."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002 - the arguments of the base class
        self.submitted += 1
        return Future()


class HeldExecutor(InlineExecutor):
    """Threads whose calls run when the remaining time is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.held.append(lambda: future.set_result(fn(*args, **kwargs)))
        return future

    def remaining(self) -> float:
        while self.held:
            self.held.pop()()
        return 60.0


class BrokenStore(InMemoryTaskStore):
    """A table with a fault that nobody expected."""

    def report_progress(self, task_id: str, progress: Progress) -> None:  # noqa: ARG002 - a part of the port
        raise ZeroDivisionError


def store_with_task(store: InMemoryTaskStore) -> InMemoryTaskStore:
    store.create([Task("t1", "me", {}, NOW, NOW + 900, NOW + 86_400, Lane.DOCUMENT)])
    return store


def test_a_report_waits_two_seconds_after_the_last_one() -> None:
    """The first one waits for two seconds after the start."""
    clock, pool = FakeClock(), InlineExecutor()
    store = store_with_task(InMemoryTaskStore())
    with ProgressReporter(store, clock, pool).report(MESSAGE, lambda: 60.0) as report:
        report.update(FIRST)
        assert pool.submitted == 0
        clock.now += INTERVAL
        report.update(FIRST)
        report.update(SECOND)
        assert pool.submitted == 1
    assert store.rows["t1"].progress == FIRST


def test_no_report_starts_before_the_last_one_has_ended() -> None:
    """A table that does not answer therefore holds one thread at most, and delays nothing."""
    clock, pool = FakeClock(), StuckExecutor()
    with ProgressReporter(InMemoryTaskStore(), clock, pool).report(MESSAGE, lambda: 1.0) as report:
        for progress in (FIRST, SECOND):
            clock.now += INTERVAL
            report.update(progress)
        report.hand_over(lambda: CALL_SECONDS)
    assert pool.submitted == 1


def test_an_invocation_waits_for_the_write_that_is_running() -> None:
    """Lambda would freeze it otherwise."""
    clock, pool = FakeClock(), HeldExecutor()
    store = store_with_task(InMemoryTaskStore())
    with ProgressReporter(store, clock, pool).report(MESSAGE, pool.remaining) as report:
        clock.now += INTERVAL
        report.update(FIRST)
        assert store.rows["t1"].progress is None
    assert store.rows["t1"].progress == FIRST


def test_a_table_that_does_not_answer_delays_no_hand_over() -> None:
    """Only the time that is left is spent on waiting: none in this test."""
    clock, pool = FakeClock(), StuckExecutor()

    def work() -> None:
        with ProgressReporter(InMemoryTaskStore(), clock, pool).report(
            MESSAGE, lambda: 1.0
        ) as report:
            clock.now += INTERVAL
            report.update(FIRST)
            report.hand_over(lambda: CALL_SECONDS)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(WITHIN)
    assert not thread.is_alive()


@pytest.mark.parametrize(("seconds", "written"), [(CALL_SECONDS, False), (CALL_SECONDS + 1, True)])
def test_a_hand_over_is_reported_only_if_a_call_fits_into_the_remaining_time(
    seconds: float,
    written: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    store = store_with_task(InMemoryTaskStore())
    reporter = ProgressReporter(store, FakeClock(), InlineExecutor())
    with reporter.report(MESSAGE, lambda: seconds) as report:
        report.update(SECOND)
        report.hand_over(lambda: seconds)
    assert (store.rows["t1"].progress == SECOND) is written


@pytest.mark.parametrize("store", [InMemoryTaskStore(), BrokenStore()])
def test_a_report_that_fails_is_logged_and_not_raised(
    store: InMemoryTaskStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The log line names the task."""
    store.unavailable = True
    caplog.set_level(logging.WARNING)
    with ProgressReporter(store, FakeClock(), InlineExecutor()).report(
        MESSAGE, lambda: 60.0
    ) as found:
        found.update(FIRST)
        found.hand_over(lambda: 60.0)
    [record] = caplog.records
    assert (record.message, vars(record)["task_id"]) == ("The progress could not be written", "t1")
