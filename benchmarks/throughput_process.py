"""A process that measures the worker's handler beside what it cannot do without.

Run as `python -m benchmarks.throughput_process`; prints one line of JSON: seconds by what was measured, one
number for each round. AWS is a stub, so the calls cost what this side of the network costs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from benchmarks import aws_stub as stub
from benchmarks.engine_process import corpus
from functions.worker.batch import WRITERS
from functions.worker.handler import handler
from suggester.artifacts import Artifacts
from suggester.suggester import Suggester
from tasks import aws

if TYPE_CHECKING:
    from collections.abc import Callable

    from suggester.requests import Request

EVENTS: Final = 10
RECORDS: Final = 100  # in an event, the most that the bulk queue hands over
ROUNDS: Final = 5

Calls = list[dict[str, Any]]


def handle(drinks: list[Request]) -> Callable[[], None]:
    """Return a function that puts the drinks through the handler, event by event."""
    names = [list(drink.ingredients) for drink in drinks]
    events = [stub.worker_event(names[at : at + RECORDS]) for at in range(0, len(names), RECORDS)]

    def run() -> None:
        for event in events:
            answer = handler(event, stub.Context())
            if not stub.is_right("worker", answer):
                raise RuntimeError(f"The handler answered {answer}")

    return run


def update(client: Any, calls: Calls, threads: int) -> Callable[[], None]:
    """Return a function that makes bare calls, with that many threads at once."""

    def one(parameters: dict[str, Any]) -> None:
        client.update_item(**parameters)

    def run() -> None:
        if threads == 1:
            for parameters in calls:
                one(parameters)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, calls))

    return run


def suggest(suggester: Suggester, drinks: list[Request]) -> Callable[[], None]:
    """Return a function that asks the model alone, batch by batch."""

    def run() -> None:
        for at in range(0, len(drinks), RECORDS):
            suggester.answer(drinks[at : at + RECORDS])

    return run


def seconds_of(run: Callable[[], None]) -> float:
    """Return how long it takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def measure() -> dict[str, list[float]]:
    """Measure in turns, after a first round that counts for nothing but records the calls."""
    calls: Calls = []

    def record(params: dict[str, Any], **_event: object) -> None:
        if len(calls) < EVENTS * RECORDS:
            calls.append(dict(params))

    stub.install(**{"provide-client-params.dynamodb.UpdateItem": record})
    suggester = Suggester.load(Artifacts.open(), os.environ["MODEL_ENGINE"])
    drinks = corpus(suggester)[: EVENTS * RECORDS]
    run_handler = handle(drinks)
    run_handler()
    client = aws.client("dynamodb")
    measured = {
        "handler": run_handler,
        "pool": update(client, calls, WRITERS),
        "sequence": update(client, calls, 1),
        "model": suggest(suggester, drinks),
    }
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS + 1):
        stub.sent.clear()
        rounds.append({name: seconds_of(run) for name, run in measured.items()})
    return {name: [found[name] for found in rounds[1:]] for name in measured}


def main() -> None:
    """Measure on one processor."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    # The handler's lines are for CloudWatch; the report goes where they would have gone.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as report:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(json.dumps(measure()), file=report)


if __name__ == "__main__":
    main()
