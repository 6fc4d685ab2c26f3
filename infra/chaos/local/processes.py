"""The child processes: a whole stack, whose workers have faults."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from infra.chaos.children import WORKER, WORKERS, ChildSettings
from infra.chaos.worker_faults import DUPLICATED, DuplicatingHandler, install_model_faults
from infra.local.stack import StackSettings, running_stack
from infra.local.worker import WorkerSettings, build_handlers, run_worker
from infra.signals import SignalReceiver

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence
    from multiprocessing.synchronize import Event
    from pathlib import Path

    from infra.local.definitions import Function
    from infra.local.ports import Ports
    from infra.local.worker import Handler
    from tasks.aws.events import Delivery

    WorkerMain = Callable[[ChildSettings, frozenset[str], WorkerSettings], None]


def run_stack(
    settings: ChildSettings, stack: StackUnderTest, bound: socket.socket, ready: Event
) -> None:
    """Run the stack on a listening socket until SIGTERM, in a process group of its own.

    It sets `ready` when its workers have started.
    """
    os.setpgrp()
    settings.apply("stack")
    terminated = SignalReceiver(signal.SIGTERM)
    wanted = StackSettings(data=stack.data, workers=WORKERS, template=stack.template)
    with running_stack(wanted, bound, partial(stack.worker, settings, stack.poison)):
        ready.set()
        terminated.wait()


def run_faulty_worker(
    settings: ChildSettings, poison: frozenset[str], worker: WorkerSettings
) -> None:
    """Run a worker of the stack whose model fails and whose deliveries are duplicated."""
    counters, rng = settings.apply(WORKER)
    install_model_faults(poison, counters, rng)

    def build(functions: Sequence[Function], ports: Ports) -> dict[str, Handler]:
        def send(delivery: Delivery) -> None:
            ports.queues[delivery.queue].send([delivery.message])

        handlers = build_handlers(functions, ports)
        for name in DUPLICATED:
            handlers[name] = DuplicatingHandler(handlers[name], send, counters, rng)
        return handlers

    run_worker(worker, build)


@dataclass(frozen=True)
class StackUnderTest:
    """The arguments of `run_stack`.

    Attributes:
        data: the data folder.
        template: the file of the template.
        poison: ingredients that crash the model when they occur together.
        worker: the main function of the worker processes.
    """

    data: Path
    template: Path
    poison: frozenset[str]
    worker: WorkerMain = run_faulty_worker
