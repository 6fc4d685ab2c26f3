"""Compares the time for a hundred tasks on this project's stack and on the predecessor."""

from __future__ import annotations

import http.client
import json
import os
import random
import time
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from rich.table import Table

from benchmarks import services
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    Drinks = Sequence[Sequence[str]]
    Submit = Callable[["Client", Drinks], list[str]]
    Round = Mapping[str, float]

TASKS: Final = 100
ROUNDS: Final = 3
POLL_INTERVAL: Final = 0.01  # seconds
TIMEOUT: Final = 60.0  # seconds for all tasks
ACCEPTED: Final = 202
ENGINES: Final = {"keras": "Keras `predict`", "litert": "this project's LiteRT"}
THIS_PROJECT: Final = "this project, 1 worker"
THIS_PROJECT_ARRAY: Final = f"this project, 1 worker, one array of {TASKS}"


class Client:
    """An HTTP client with one connection that is kept open."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request and return the status and the JSON of the response.

        Raises:
            RuntimeError: the status is an error.
        """
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        found = json.loads(response.read())
        if response.status >= 400:  # noqa: PLR2004
            raise RuntimeError(f"{method} {path} returned {response.status}: {found}")
        return response.status, found

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def submit_each(client: Client, drinks: Drinks) -> list[str]:
    """Submit each drink in its own request and return the paths of the results."""
    paths = ["/api/process?ingredients_joined=" + quote(";".join(drink)) for drink in drinks]
    return [client.call("POST", path)[1][0]["url_result"] for path in paths]


def submit_array(client: Client, drinks: Drinks) -> list[str]:
    """Submit all drinks in one request and return the paths of the results."""
    _, tasks = client.call("POST", "/api/process", [{"ingredients": drink} for drink in drinks])
    return [task["url_result"] for task in tasks]


def seconds(client: Client, drinks: Drinks, submit: Submit) -> float:
    """Return the time from the first submission to the last result.

    Raises:
        RuntimeError: a task failed or took too long.
    """
    started = time.perf_counter()
    for path in submit(client, drinks):
        while (response := client.call("GET", path))[0] == ACCEPTED:
            if time.perf_counter() - started > TIMEOUT:
                raise RuntimeError(f"{path} was not final after {TIMEOUT:.0f} s.")
            time.sleep(POLL_INTERVAL)
        if response[1]["status"] != "SUCCESS" or not response[1]["result"]:
            raise RuntimeError(f"{path} ended as {response[1]}.")
    return time.perf_counter() - started


def make_drinks(vocabulary: Vocabulary, count: int = TASKS) -> list[list[str]]:
    """Make drinks of a base and up to three additives; every call returns the same drinks."""
    bases = [entry.en for entry in vocabulary.ingredients if entry.base]
    additives = [entry.en for entry in vocabulary.ingredients if entry.additive and not entry.base]
    rng = random.Random(7)  # noqa: S311 - not for security
    return [
        [rng.choice(bases), *rng.sample(additives, min(len(additives), rng.randint(0, 3)))]
        for _ in range(count)
    ]


def compare() -> Table:
    """Measure all services in alternation.

    The predecessor runs with one worker process, as this project's stack does, and with one for
    each processor.
    """
    drinks = make_drinks(Vocabulary.load(Artifacts.open()))
    worker_counts = sorted({1, len(os.sched_getaffinity(0))})
    return tabulate([_measure_round(drinks, worker_counts) for _ in range(ROUNDS)])


def tabulate(rounds: Sequence[Round]) -> Table:
    """Return a row for each service: the median of its seconds and of its ratios by round."""
    table = Table(
        *("", "seconds", "ratio to this project"),
        title=f"{TASKS} tasks on one machine, first submission to last result, median of "
        f"{len(rounds)} alternating rounds",
    )
    for name in rounds[0]:
        ratio = median(found[name] / found[THIS_PROJECT] for found in rounds)
        table.add_row(name, f"{median(found[name] for found in rounds):.2f}", f"{ratio:.2f}")
    return table


def _measure_round(drinks: Drinks, worker_counts: Sequence[int]) -> Round:
    submits = {THIS_PROJECT: submit_each, THIS_PROJECT_ARRAY: submit_array}
    measured = _measure(services.barback(), drinks, submits)
    for engine, title in ENGINES.items():
        for count in worker_counts:
            workers = "1 worker" if count == 1 else f"{count} workers"
            submits = {f"predecessor, {workers}, {title}": submit_each}
            measured |= _measure(services.predecessor(engine, count), drinks, submits)
    return measured


def _measure(
    service: AbstractContextManager[str], drinks: Drinks, submits: Mapping[str, Submit]
) -> dict[str, float]:
    """Start a service, warm it up with all drinks, and return the seconds by name."""
    with service as url, closing(Client(url)) as client:
        seconds(client, drinks, submit_each)
        return {name: seconds(client, drinks, submit) for name, submit in submits.items()}
