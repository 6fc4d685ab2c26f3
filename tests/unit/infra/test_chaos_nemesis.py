"""The nemesis disrupts at even steps of the progress, and its own failure fails the run."""

from __future__ import annotations

import threading

import pytest

from infra.chaos.nemesis import running_nemesis


def test_disruptions_follow_the_progress() -> None:
    """Two disruptions come after a third and after two thirds of the work."""
    done = 0.0
    disrupted: list[float] = []
    both = [threading.Event(), threading.Event()]

    def disrupt() -> None:
        disrupted.append(done)
        both[len(disrupted) - 1].set()

    with running_nemesis([disrupt, disrupt], lambda: done):
        done = 0.4
        assert both[0].wait(10)
        done = 0.7
        assert both[1].wait(10)
    assert disrupted == [0.4, 0.7]


def test_the_rest_is_left_out_when_the_workload_has_ended() -> None:
    disrupted: list[int] = []
    with running_nemesis([lambda: disrupted.append(1)], lambda: 0.0):
        pass
    assert disrupted == []


def test_a_failed_disruption_fails_the_run() -> None:
    def disrupt() -> None:
        raise ValueError("impossible")

    with pytest.raises(ValueError, match="impossible"), running_nemesis([disrupt], lambda: 1.0):
        pass
