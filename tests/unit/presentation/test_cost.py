from __future__ import annotations

from dataclasses import replace

import pytest

from presentation import cost
from tasks.aws import prices
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


def test_a_task_in_a_batch_of_ten_costs_a_tenth_of_a_receive_and_a_delete() -> None:
    """The row, message, update and read of the task are counted in full."""
    share = cost.cost_of(DONE, machine="x86_64")
    assert share.aws_calls == 4.2
    assert share.gb_seconds == 0.01
    expected = (
        2 * (prices.GATEWAY_REQUEST + prices.FUNCTION_REQUEST)  # submit and read
        + prices.FUNCTION_REQUEST / 10  # the worker's invocation
        + 0.01 * prices.GB_SECOND["x86_64"]
        + 1.2 * prices.FAIR_QUEUE_REQUEST
        + 2 * prices.TABLE_WRITE
        + prices.TABLE_READ
    )
    assert share.usd == pytest.approx(expected, abs=1e-9)
    assert share.prices == prices.MONTH


def test_each_further_attempt_costs_a_receive_and_a_visibility_change() -> None:
    twice = replace(DONE, attempts=2)
    assert cost.cost_of(twice).aws_calls == pytest.approx(4.2 + 1.1)


@pytest.mark.parametrize("machine", ["aarch64", "arm64"])
def test_arm_is_cheaper(machine: str) -> None:
    """Linux and macOS name the same processor differently."""
    assert cost.cost_of(DONE, machine).usd < cost.cost_of(DONE, "x86_64").usd


def test_a_large_row_costs_more() -> None:
    """DynamoDB bills writes by the kilobyte."""
    large = replace(DONE, result={"added": ["x" * 3000]})
    assert cost.cost_of(large).usd > cost.cost_of(DONE).usd


def test_a_task_that_no_worker_processed_has_no_gb_seconds() -> None:
    """A cancelled task still costs its row, message, update and read."""
    cancelled = replace(DONE, status=Status.CANCELLED, usage=None, attempts=0, result=None)
    share = cost.cost_of(cancelled)
    assert (share.gb_seconds, share.aws_calls) == (0.0, 4.0)
