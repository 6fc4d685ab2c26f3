"""Waiting for the signal that ends a process."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from infra.signals import STOP_SIGNALS, SignalReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHIN = 20.0  # seconds

# Sends the signal again at each call inside the handler, as an unlucky sender might.
INTERRUPTED_HANDLER = """
import signal, sys
from infra.signals import SignalReceiver

def interrupt(frame, event, argument):
    signal.raise_signal(signal.SIGTERM)

receiver = SignalReceiver(signal.SIGTERM)
sys.setprofile(interrupt)
signal.raise_signal(signal.SIGTERM)
sys.setprofile(None)
assert receiver.wait()
"""


def test_a_signal_that_interrupts_the_handler_of_another_one_does_not_block_the_process() -> None:
    command = [sys.executable, "-c", INTERRUPTED_HANDLER]
    subprocess.run(command, check=True, timeout=WITHIN)


@pytest.fixture
def receiver() -> Iterator[SignalReceiver]:
    """Return a receiver of the signals that end a process, and restore their handlers."""
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    receiver = SignalReceiver()
    yield receiver
    receiver.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_wait_without_a_signal_ends_with_its_timeout(receiver: SignalReceiver) -> None:
    assert not receiver.wait(timeout=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_wait(receiver: SignalReceiver, number: signal.Signals) -> None:
    """A signal that arrives before the wait counts too."""
    signal.raise_signal(number)
    assert receiver.wait(timeout=WITHIN)


def test_a_signal_that_another_thread_receives_ends_the_wait(receiver: SignalReceiver) -> None:
    """The system chooses the thread."""

    def send() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    thread = threading.Thread(target=send)
    thread.start()
    assert receiver.wait(timeout=WITHIN)
    thread.join()
