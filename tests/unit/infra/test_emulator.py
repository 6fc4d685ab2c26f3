from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.emulator import OneAtATime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOGETHER = 4
PATIENCE = 0.2  # seconds in which calls that may meet do meet


class Meeting:
    """An application whose calls wait for one another, and count how many met."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.changed = threading.Condition()

    def __call__(self, _environ: dict[str, Any], _start: Callable[..., Any]) -> Iterator[bytes]:
        with self.changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.inside == TOGETHER, PATIENCE)
        yield b"answer"
        with self.changed:
            self.inside -= 1


@pytest.mark.parametrize(
    ("target", "most"), [("DynamoDB_20120810.UpdateItem", 1), ("AmazonSQS.ReceiveMessage", 4)]
)
def test_calls_of_dynamodb_never_meet(target: str, most: int) -> None:
    """An item is written at once, while a receive that waits holds nobody up."""
    meeting = Meeting()
    app = OneAtATime(meeting)
    with ThreadPoolExecutor(TOGETHER) as pool:
        calls = [
            pool.submit(lambda: list(app({"HTTP_X_AMZ_TARGET": target}, print)))
            for _ in range(TOGETHER)
        ]
    assert [call.result() for call in calls] == [[b"answer"]] * TOGETHER
    assert meeting.most == most
