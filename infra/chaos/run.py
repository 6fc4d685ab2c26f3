"""One run: load, trouble meanwhile, and the judgement afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import boto3
import httpx2

from infra.chaos.checker import judge
from infra.chaos.cluster import Fleet
from infra.chaos.emulator import chaos_template, sturdy_emulator
from infra.chaos.generator import Bartender
from infra.chaos.inspection import Letters, changes
from infra.chaos.oracle import Truth
from infra.chaos.workload import CALLERS, Callers
from infra.local.deployment import deploy
from infra.local.network import LOOPBACK, listener
from infra.local.stack import emulator_environment
from suggester.artifacts import Artifacts
from suggester.suggester import Suggester

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from infra.chaos.checker import Judgement
    from infra.local.deployment import Function

CALM: Final = 40.0  # seconds until the last messages have come to their end
ANSWER_WITHIN: Final = 10.0  # seconds: a caller's patience with one request


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: the judgement, what was done to the stack, and what it took."""

    judgement: Judgement
    acts: Counter[str]
    requests: int
    seconds: float


def run_chaos(tasks: int, seed: int, log: str) -> Outcome:
    """Put that many tasks through the stack while it is under fire, and judge what came back.

    The load ends after three minutes and 0.2 s per task, or after 40 requests per task.
    """
    started = time.monotonic()
    chance = Random(seed)  # noqa: S311 - nothing secret about it
    with ExitStack() as running:
        environ, functions = running.enter_context(_deployment())
        suggester = Suggester.load(Artifacts.of(environ), environ["MODEL_ENGINE"])
        bartender = Bartender(suggester.vocabulary, chance)
        letters = Letters(min(20, max(4, tasks // 100)))
        letters.send()
        bound = running.enter_context(listener(0))
        http = running.enter_context(_client(bound.getsockname()[1]))
        fleet = Fleet(functions, bound, frozenset(bartender.poison), chance, log)
        running.callback(fleet.stop)
        callers = Callers(
            http, bartender.body, until=started + 180 + tasks / 5, most=40 * tasks + 1000
        )
        with _trouble(_acts(fleet, tasks, chance), lambda: _progress(callers, tasks)):
            callers.run(bartender.submissions(tasks))
        left_over = letters.wait(time.monotonic() + CALM)
        fleet.stop_workers()
        kept = letters.kept(time.monotonic() + CALM)
        callers.read_again(time.monotonic() + CALM + tasks / 20)
        judgement = judge(
            callers.records,
            changes(environ["TABLE_NAME"]),
            Truth(suggester).objection,
            missing_letters=set(letters.bodies) - kept,
            left_over=left_over,
        )
    acts = fleet.acts + fleet.counts() + Counter({"unreadable messages kept": len(kept)})
    return Outcome(judgement, acts, callers.requests, time.monotonic() - started)


@contextmanager
def _deployment() -> Iterator[tuple[MutableMapping[str, str], list[Function]]]:
    """Deploy to an emulator; yields this process's environment, fit for it, and the functions."""
    with emulator_environment() as environ, sturdy_emulator() as endpoint:
        environ["AWS_ENDPOINT_URL"] = endpoint
        functions = deploy(
            boto3.client("cloudformation"),
            template=chaos_template(),
            parameters={"EndpointUrl": endpoint},
        )
        for function in functions.values():
            environ.update(function.environment)
        yield environ, list(functions.values())


def _client(port: int) -> httpx2.Client:
    limits = httpx2.Limits(max_connections=3 * CALLERS)
    return httpx2.Client(
        base_url=f"http://{LOOPBACK}:{port}", timeout=ANSWER_WITHIN, limits=limits, trust_env=False
    )


def _progress(callers: Callers, tasks: int) -> float:
    """Return how far the run is: 0 at its begin, 1 when every task is taken on and final."""
    return (len(callers.records.answered) + len(callers.records.first)) / (2 * tasks)


def _acts(fleet: Fleet, tasks: int, chance: Random) -> list[Callable[[], None]]:
    """Return what is done to the stack, in order."""
    acts = [fleet.kill_worker] * max(3, tasks // 125)
    acts += [fleet.kill_api, fleet.restart_api] * max(1, tasks // 600)
    chance.shuffle(acts)
    return acts


@contextmanager
def _trouble(acts: Sequence[Callable[[], None]], progress: Callable[[], float]) -> Iterator[None]:
    """Do the acts in a thread of their own, spread over the progress of the run."""
    done = threading.Event()

    def act() -> None:
        for number, each in enumerate(acts, start=1):
            while progress() < number / (len(acts) + 1):
                if done.wait(0.02):
                    return
            each()

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
