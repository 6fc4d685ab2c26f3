"""A process that measures the worker's handler: `python -m benchmarks.throughput_process`.

It also measures the bare update calls and the model alone, and reports the seconds of each round.
AWS is stubbed, so a call costs only the time of the client.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from benchmarks import aws_stub
from benchmarks.engine_process import recipe_requests
from benchmarks.process_report import reporting
from functions.worker.batch import MAX_WRITE_THREADS
from suggester.artifacts import Artifacts
from suggester.suggester import Suggester
from tasks.aws.client import create_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from suggester.requests import Request

EVENTS: Final = 10
BATCH_SIZE: Final = 100  # the batch size of the bulk queue
TASKS: Final = EVENTS * BATCH_SIZE
ROUNDS: Final = 5

JsonObject = dict[str, Any]


def handle(handler: Callable[..., Any], events: list[JsonObject]) -> None:
    """Process the events with the worker's handler."""
    for event in events:
        aws_stub.check_response("worker", handler(event, aws_stub.Context()))


def update(client: Any, calls: list[JsonObject]) -> None:
    """Make update calls one after another."""
    for parameters in calls:
        client.update_item(**parameters)


def update_in_threads(client: Any, calls: list[JsonObject]) -> None:
    """Make update calls in as many threads as the worker uses."""
    with ThreadPoolExecutor(MAX_WRITE_THREADS) as pool:
        list(pool.map(lambda parameters: client.update_item(**parameters), calls))


def suggest(suggester: Suggester, batches: list[list[Request]]) -> None:
    """Ask the model alone."""
    for batch in batches:
        suggester.answer(batch)


def measure() -> dict[str, list[float]]:
    """Return the seconds of each round, after a first round that is not counted."""
    calls: list[JsonObject] = []  # the parameters of the handler's update calls
    handler = aws_stub.load_handler(
        "worker",
        **{"provide-client-params.dynamodb.UpdateItem": lambda params, **_: _record(calls, params)},
    )
    artifacts = Artifacts.open()
    suggester = Suggester.load(artifacts, os.environ["MODEL_ENGINE"])
    requests = recipe_requests(artifacts, suggester)[:TASKS]
    batches = [requests[start : start + BATCH_SIZE] for start in range(0, TASKS, BATCH_SIZE)]
    events = [
        aws_stub.worker_event(list(request.ingredients) for request in batch) for batch in batches
    ]
    handle(handler, events)
    client = create_client("dynamodb")
    runs: dict[str, Callable[[], None]] = {
        "handler": lambda: handle(handler, events),
        "updates in threads": lambda: update_in_threads(client, calls),
        "updates": lambda: update(client, calls),
        "model": lambda: suggest(suggester, batches),
    }
    rounds: list[dict[str, float]] = []
    for _ in range(ROUNDS + 1):
        aws_stub.request_bodies.clear()
        rounds.append({name: _seconds(run) for name, run in runs.items()})
    return {name: [seconds[name] for seconds in rounds[1:]] for name in runs}


def _record(calls: list[JsonObject], parameters: JsonObject) -> None:
    """Record the calls of the first time that the handler processes the events."""
    if len(calls) < TASKS:
        calls.append(dict(parameters))


def _seconds(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> None:
    """Measure on one processor."""
    with reporting() as report:
        seconds = measure()
        report(
            {
                "events": EVENTS,
                "batch_size": BATCH_SIZE,
                "threads": MAX_WRITE_THREADS,
                "seconds": seconds,
            }
        )


if __name__ == "__main__":
    main()
