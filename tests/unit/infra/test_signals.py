"""Waiting for the signal that ends a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from infra.signals import SignalReceiver

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


def test_a_wait_without_a_signal_ends_with_its_timeout() -> None:
    previous = signal.getsignal(signal.SIGUSR1)
    try:
        assert not SignalReceiver(signal.SIGUSR1).wait(timeout=0)
    finally:
        signal.signal(signal.SIGUSR1, previous)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_the_wait(number: signal.Signals) -> None:
    """A signal that arrives before the wait counts too."""
    previous = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        receiver = SignalReceiver()
        signal.raise_signal(number)
        assert receiver.wait(timeout=WITHIN)
    finally:
        for each, handler in previous.items():
            signal.signal(each, handler)
