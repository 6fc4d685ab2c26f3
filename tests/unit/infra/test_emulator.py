from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.emulator import OneAtATime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLS = 4
WAIT = 0.2  # seconds within which concurrent calls overlap


class OverlapCounter:
    """A WSGI application whose calls wait for each other, and that counts how many overlap."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.changed = threading.Condition()

    def __call__(self, _environ: dict[str, Any], _start: Callable[..., Any]) -> Iterator[bytes]:
        with self.changed:
            self.running += 1
            self.most = max(self.most, self.running)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.running == CALLS, WAIT)
        yield b"answer"
        with self.changed:
            self.running -= 1


@pytest.mark.parametrize(
    ("target", "most"), [("DynamoDB_20120810.UpdateItem", 1), ("AmazonSQS.ReceiveMessage", 4)]
)
def test_calls_of_dynamodb_never_overlap(target: str, most: int) -> None:
    """Calls of SQS may overlap, because a receive can wait for messages."""
    counter = OverlapCounter()
    app = OneAtATime(counter)
    with ThreadPoolExecutor(CALLS) as pool:
        calls = [
            pool.submit(lambda: list(app({"HTTP_X_AMZ_TARGET": target}, print)))
            for _ in range(CALLS)
        ]
    assert [call.result() for call in calls] == [[b"answer"]] * CALLS
    assert counter.most == most
