from __future__ import annotations

from dataclasses import replace

import pytest

from functions.api import cost
from tasks.task import Status, Task, Usage
from tests.fakes import NOW

DONE = Task(
    "t1",
    "me",
    {"ingredients": ["milk"]},
    NOW,
    NOW + 900,
    NOW + 86_400,
    status=Status.SUCCESS,
    result={"added": ["sugar"]},
    attempts=1,
    usage=Usage(batch_size=10, engine="litert", gb_seconds=0.01),
)


def test_a_task_bears_its_share() -> None:
    """Row, send, update and look are its own; a receive and a delete are for ten."""
    found = cost.cost_of(DONE, machine="x86_64")
    assert found.aws_calls == 4.2
    assert found.gb_seconds == 0.01
    by_hand = (
        2 * (3.50e-6 + 0.20e-6)  # submit and look
        + 0.20e-6 / 10  # the worker's invocation
        + 0.01 * 16.6667e-6
        + 1.2 * 0.40e-6
        + 2 * 0.625e-6
        + 0.125e-6
    )
    assert found.usd == pytest.approx(by_hand, abs=1e-9)
    assert found.prices == cost.PRICES_MONTH


def test_attempts_cost() -> None:
    """Each further attempt is a receive and a postponement more."""
    twice = replace(DONE, attempts=2)
    assert cost.cost_of(twice).aws_calls == pytest.approx(4.2 + 1.1)


def test_arm_is_cheaper() -> None:
    """A gigabyte-second on Graviton has a price of its own."""
    assert cost.cost_of(DONE, "aarch64").usd < cost.cost_of(DONE, "x86_64").usd


def test_a_large_row_costs_more() -> None:
    """Rows are written by the kilobyte."""
    large = replace(DONE, result={"added": ["x" * 3000]})
    assert cost.cost_of(large).usd > cost.cost_of(DONE).usd


def test_what_no_worker_took_used_none() -> None:
    """A cancelled task has cost its row, its message, its end and the look at it."""
    cancelled = replace(DONE, status=Status.CANCELLED, usage=None, attempts=0, result=None)
    found = cost.cost_of(cancelled)
    assert (found.gb_seconds, found.aws_calls) == (0.0, 4.0)
