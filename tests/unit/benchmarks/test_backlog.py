"""Tests of the caller who keeps tasks waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.backlog import ARRAY, KEY, backlog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.backlog import Backlog
    from tests.unit.benchmarks.conftest import FakeService


@pytest.fixture
def waiting(service: FakeService) -> Iterator[Backlog]:
    with backlog(service.url) as found:
        yield found


def last_task(array: int) -> str:
    """Return the path of the last result of an array, which is counted from 0."""
    return f"/api/result/{ARRAY * array + ARRAY - 1}"


def test_the_tasks_wait_behind_the_oldest_array(service: FakeService, waiting: Backlog) -> None:
    waiting.fill(2 * ARRAY)
    assert [len(drinks) for drinks in service.submissions] == [ARRAY] * 3
    assert set(service.keys.values()) == set(KEY.values())


def test_an_array_is_done_when_its_last_task_is(service: FakeService, waiting: Backlog) -> None:
    waiting.fill(2 * ARRAY)
    done = {last_task(0), last_task(1)}
    service.is_final = done.__contains__
    assert not waiting.is_done()
    assert waiting.remove_done() == 2
    done.add(last_task(2))
    assert waiting.is_done()


def test_each_array_that_is_done_is_replaced(service: FakeService, waiting: Backlog) -> None:
    """Each array is done on its second read."""
    waiting.fill(2 * ARRAY)
    assert waiting.process(4, tasks=2 * ARRAY) > 0
    assert len(service.submissions) == 3 + 4
    waiting.drain()
    assert {last_task(array) for array in range(7)} == {path for path, _ in service.read}


def test_a_failed_task_is_an_error(service: FakeService, waiting: Backlog) -> None:
    """A worker that fails quickly must not appear to be fast."""
    service.status = "FAIL"
    waiting.fill(ARRAY)
    with pytest.raises(RuntimeError, match="ended as"):
        waiting.process(1, tasks=ARRAY)
