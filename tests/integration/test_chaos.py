"""A short chaos run on the stack on one machine."""

from __future__ import annotations

from tests.chaos_command import run_chaos

DISRUPTIONS = {
    "workers killed",
    "parents killed",
    "stacks killed",
    "stacks restarted",
    "locks of the database held",
}


def test_a_short_run_has_disruptions_but_no_violations() -> None:
    """Every task and a document are answered once, although everything was killed meanwhile."""
    counts = run_chaos("local", 60)
    assert counts["submitted"] == 61
    assert counts["unreadable messages preserved"] == 4
    assert counts.keys() >= DISRUPTIONS
