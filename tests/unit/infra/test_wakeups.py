from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.wakeups import Listener, Sender

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHIN = 10.0  # seconds


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with a short path, as Unix sockets require."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_a_sender_wakes_every_listener_of_a_queue(folder: Path) -> None:
    listeners = [Listener(folder / name) for name in "ab"]
    woken = [listener.event("TaskQueue") for listener in listeners]
    sender = Sender(folder)
    sender.wake("TaskQueue")
    assert all(event.wait(WITHIN) for event in woken)
    sender.close()
    for listener in listeners:
        listener.close()


def test_other_queues_are_not_woken(folder: Path) -> None:
    listener = Listener(folder / "a")
    tasks, bulk = listener.event("TaskQueue"), listener.event("BulkQueue")
    sender = Sender(folder)
    sender.wake("BulkQueue")
    assert bulk.wait(WITHIN)
    assert not tasks.is_set()
    sender.close()
    listener.close()


def test_a_listener_that_died_does_not_disturb_a_sender(folder: Path) -> None:
    """Its socket is still there."""
    (folder / "dead").touch()
    sender = Sender(folder)
    sender.wake("TaskQueue")
    sender.close()


def test_a_folder_that_was_deleted_disturbs_neither_senders_nor_listeners(folder: Path) -> None:
    """Some systems delete old temporary folders. A new listener creates it again."""
    sender = Sender(folder / "gone")
    sender.wake("TaskQueue")
    listener = Listener(folder / "gone/a")
    woken = listener.event("TaskQueue")
    sender.wake("TaskQueue")
    assert woken.wait(WITHIN)
    sender.close()
    listener.close()


def test_closing_a_listener_sets_its_events(folder: Path) -> None:
    """A thread that waits for one of them ends."""
    listener = Listener(folder / "a")
    event = listener.event("TaskQueue")
    listener.close()
    assert event.is_set()
    assert not (folder / "a").exists()
