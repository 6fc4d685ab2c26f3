"""One chaos run: the workload with its nemesis, then the inspection and the check."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import httpx2

from infra.chaos.checker import check
from infra.chaos.generator import WorkloadGenerator
from infra.chaos.inspection import UnreadableMessages
from infra.chaos.nemesis import running_nemesis
from infra.chaos.oracle import Oracle
from infra.chaos.target import TargetSettings
from infra.chaos.workload import CLIENTS, Clients
from suggester.artifacts import Artifacts
from suggester.suggester import Suggester

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from infra.chaos.checker import Findings
    from infra.chaos.target import Target

    OpenTarget = Callable[[TargetSettings], AbstractContextManager[Target]]

ENGINE: Final = "litert"
# Seconds without any progress after which the run gives up. They are longer than every timeout and
# delay of the system under test, so that they do not pass only because the machine is slow.
PATIENCE: Final = 120.0
REQUEST_TIMEOUT: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a run: the checker's findings, and counts of faults by name."""

    findings: Findings
    faults: Counter[str]
    requests: int
    seconds: float


def run_chaos(
    open_target: OpenTarget, tasks: int, seed: int, log: str, patience: float = PATIENCE
) -> Run:
    """Run a workload of that many tasks with its nemesis, and check the result.

    It takes as long as the machine needs, and gives up if nothing progresses for `patience`.
    """
    started = time.monotonic()
    rng = Random(seed)  # noqa: S311 - not for security
    suggester = Suggester.load(Artifacts.of(os.environ), ENGINE)
    generator = WorkloadGenerator(suggester.vocabulary, rng)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="barback-chaos-")))
        settings = TargetSettings(frozenset(generator.poison), rng, log, folder)
        target = running.enter_context(open_target(settings))
        unreadable = UnreadableMessages(target.queues, min(20, max(4, tasks // 100)), patience)
        unreadable.send()
        target.start()
        http = running.enter_context(_http_client(target.url))
        clients = Clients(http, generator.body, patience)
        disruptions = list(target.plan(tasks))
        rng.shuffle(disruptions)
        with running_nemesis(disruptions, lambda: _progress(clients, tasks)):
            clients.run(generator.operations(tasks))
        misplaced = unreadable.wait()
        with target.without_workers():
            preserved, messages_left = unreadable.take()
        clients.read_again()
        findings = check(
            clients.history,
            target.changes(),
            Oracle(suggester).check,
            missing_messages=set(unreadable.bodies) - preserved,
            misplaced_messages=misplaced,
            messages_left=messages_left,
        )
        faults = target.disruptions + target.faults()
    faults["unreadable messages preserved"] = len(preserved)
    return Run(findings, faults, clients.requests, time.monotonic() - started)


def _http_client(url: str) -> httpx2.Client:
    limits = httpx2.Limits(max_connections=3 * CLIENTS)
    return httpx2.Client(base_url=url, timeout=REQUEST_TIMEOUT, limits=limits, trust_env=False)


def _progress(clients: Clients, tasks: int) -> float:
    """Return the progress: 0 at the start, 1 when every task is accepted and final."""
    history = clients.history
    return (len(history.accepted) + len(history.first_results)) / (2 * tasks)
