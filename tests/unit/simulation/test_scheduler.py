from __future__ import annotations

from functools import partial

import pytest

from infra.simulation.executor import VirtualExecutor
from infra.simulation.scheduler import ProcessDied, Scheduler, Signal


def test_processes_that_sleep_are_interleaved_in_order_of_time() -> None:
    scheduler = Scheduler(0)
    seen: list[tuple[str, float]] = []

    def sleeper(name: str, seconds: float) -> None:
        for _ in range(2):
            scheduler.sleep(seconds)
            seen.append((name, scheduler.now))

    scheduler.spawn("a", lambda: sleeper("a", 2))
    scheduler.spawn("b", lambda: sleeper("b", 3))
    scheduler.run()
    assert seen == [("a", 2), ("b", 3), ("a", 4), ("b", 6)]


def test_a_killed_process_ends_at_its_next_step_and_runs_its_cleanup() -> None:
    scheduler = Scheduler(0)
    seen: list[str] = []

    def worker() -> None:
        try:
            scheduler.sleep(10)
            seen.append("worked")
        except Exception:  # noqa: BLE001 - no handler of errors may catch the end of the process
            seen.append("caught")
        finally:
            seen.append(f"ended at {scheduler.now:.0f}")

    process = scheduler.spawn("worker", worker)
    scheduler.at(4, process.kill)
    scheduler.run()
    assert seen == ["ended at 4"]


def test_waiting_for_a_process_returns_its_result_or_raises_its_error() -> None:
    scheduler = Scheduler(0)
    seen: list[object] = []

    def fail() -> None:
        raise ZeroDivisionError

    def parent() -> None:
        seen.append(scheduler.join(scheduler.spawn("child", lambda: 7)))
        with pytest.raises(ZeroDivisionError):
            scheduler.join(scheduler.spawn("child", fail))
        killed = scheduler.spawn("child", lambda: scheduler.sleep(5))
        scheduler.at(scheduler.now + 1, killed.kill)
        with pytest.raises(ProcessDied):
            scheduler.join(killed)
        seen.append(scheduler.now)

    scheduler.spawn("parent", parent)
    scheduler.run()
    assert seen == [7, 1]


def test_an_error_that_nobody_waits_for_ends_the_run() -> None:
    scheduler = Scheduler(0)
    scheduler.spawn("a", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        scheduler.run()


def test_a_signal_resumes_one_process_at_a_time() -> None:
    scheduler = Scheduler(0)
    signal = Signal()
    seen: list[str] = []

    def wait(name: str) -> None:
        scheduler.wait(signal)
        seen.append(name)

    for name in ("a", "b"):
        scheduler.spawn(name, partial(wait, name))
    scheduler.at(1, signal.notify)
    scheduler.run()
    assert seen == ["a"]


def test_the_threads_of_a_pool_work_at_the_same_time() -> None:
    """Four calls of a second take two seconds in two threads."""
    scheduler = Scheduler(0)
    results: list[int] = []

    def double(number: int) -> int:
        scheduler.sleep(1)
        return 2 * number

    def parent() -> None:
        results.extend(VirtualExecutor(scheduler, 2).map(double, range(4)))

    scheduler.spawn("parent", parent)
    scheduler.run()
    assert (results, scheduler.now) == ([0, 2, 4, 6], 2)


def test_a_process_and_its_threads_are_killed_together() -> None:
    scheduler = Scheduler(0)
    seen: list[int] = []

    def call(number: int) -> None:
        scheduler.sleep(number)
        if number == 2 and scheduler.current is not None:
            scheduler.current.kill()
            scheduler.check_alive()
        seen.append(number)

    def parent() -> None:
        list(VirtualExecutor(scheduler, 3).map(call, (1, 2, 3)))
        seen.append(4)

    process = scheduler.spawn("parent", parent)
    scheduler.run()
    assert seen == [1]
    assert process.killed
