"""One chaos run: the workload with its nemesis, then the inspection and the check."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import httpx2

from infra.chaos.checker import check
from infra.chaos.cluster import Cluster
from infra.chaos.generator import WorkloadGenerator
from infra.chaos.inspection import UnreadableMessages, changes
from infra.chaos.nemesis import running_nemesis, schedule
from infra.chaos.oracle import Oracle
from infra.chaos.template import chaos_template
from infra.chaos.workload import CLIENTS, Clients
from infra.emulated.ministack import running_ministack
from infra.emulated.stack import deployed_stores
from infra.local.network import LOOPBACK, listener
from suggester.artifacts import Artifacts
from suggester.suggester import Suggester

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from infra.chaos.checker import Findings
    from infra.local.definitions import Function

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


def run_chaos(tasks: int, seed: int, log: str) -> Run:
    """Run a workload of that many tasks with its nemesis, and check the result.

    It takes as long as the machine needs, and gives up if nothing progresses for `PATIENCE`.
    """
    started = time.monotonic()
    rng = Random(seed)  # noqa: S311 - not for security
    with ExitStack() as running:
        functions = running.enter_context(_deployment())
        settings = functions["WorkerFunction"].environment
        suggester = Suggester.load(Artifacts.of(os.environ), settings["MODEL_ENGINE"])
        generator = WorkloadGenerator(suggester.vocabulary, rng)
        unreadable = UnreadableMessages(min(20, max(4, tasks // 100)), PATIENCE)
        unreadable.send()
        bound = running.enter_context(listener(0))
        http = running.enter_context(_http_client(bound.getsockname()[1]))
        cluster = Cluster(functions, bound, frozenset(generator.poison), rng, log)
        running.callback(cluster.stop)
        clients = Clients(http, generator.body, PATIENCE)
        disruptions = schedule(cluster, tasks, rng)
        with running_nemesis(disruptions, lambda: _progress(clients, tasks)):
            clients.run(generator.operations(tasks))
        misplaced = unreadable.wait()
        cluster.stop_workers()
        preserved, messages_left = unreadable.take()
        clients.read_again()
        findings = check(
            clients.history,
            changes(settings["TABLE_NAME"]),
            Oracle(suggester).check,
            missing_messages=set(unreadable.bodies) - preserved,
            misplaced_messages=misplaced,
            messages_left=messages_left,
        )
    faults = cluster.disruptions + cluster.faults()
    faults["unreadable messages preserved"] = len(preserved)
    return Run(findings, faults, clients.requests, time.monotonic() - started)


@contextmanager
def _deployment() -> Iterator[dict[str, Function]]:
    """Deploy to MiniStack; yields the functions by logical id."""
    with (
        running_ministack() as endpoint,
        deployed_stores(endpoint, template=chaos_template()) as functions,
    ):
        yield functions


def _http_client(port: int) -> httpx2.Client:
    limits = httpx2.Limits(max_connections=3 * CLIENTS)
    return httpx2.Client(
        base_url=f"http://{LOOPBACK}:{port}",
        timeout=REQUEST_TIMEOUT,
        limits=limits,
        trust_env=False,
    )


def _progress(clients: Clients, tasks: int) -> float:
    """Return the progress: 0 at the start, 1 when every task is accepted and final."""
    history = clients.history
    return (len(history.accepted) + len(history.first_results)) / (2 * tasks)
