"""A demo: one hundred callers with one drink each."""

from __future__ import annotations

import random
import time
from typing import Any, Final

import httpx2
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

TASKS: Final = 100
LIMIT: Final = 60.0  # seconds until the demo gives up
POLL: Final = 0.05  # seconds between two rounds of polls


def run_demo(url: str, tasks: int = TASKS) -> bool:
    """Submit drinks one by one, poll until all are final, and print a table of the results.

    Returns whether all succeeded.
    """
    console = Console()
    with httpx2.Client(base_url=url, timeout=10) as client:
        drinks = _drinks(client, tasks)
        started = time.monotonic()
        with Progress(console=console, transient=True) as progress:
            pending = _submit(client, drinks, progress)
            results = _collect(client, pending, progress, started + LIMIT)
        elapsed = time.monotonic() - started
    succeeded = [result["status"] for result in results.values()].count("SUCCESS")
    _print(console, drinks, list(results.values()))
    console.print(f"{succeeded} of {tasks} tasks succeeded in {elapsed:.2f} s.")
    return succeeded == tasks


def _drinks(client: httpx2.Client, count: int) -> list[list[str]]:
    """Return random half-built drinks, a base and up to three additives; the same in every run."""
    known = client.get("/api/ingredients").raise_for_status().json()
    bases = [item["name"] for item in known if item["base"]]
    additives = [item["name"] for item in known if item["additive"] and not item["base"]]
    chance = random.Random(7)  # noqa: S311 - not used for security
    return [
        [chance.choice(bases), *chance.sample(additives, min(len(additives), chance.randint(0, 3)))]
        for _ in range(count)
    ]


def _submit(client: httpx2.Client, drinks: list[list[str]], progress: Progress) -> dict[str, str]:
    """Submit each drink with its own key; return the URL of the result by key."""
    bar = progress.add_task("Submitting", total=len(drinks))
    pending = {}
    for number, drink in enumerate(drinks):
        key = f"caller-{number}"
        answer = client.post(
            "/api/process",
            params={"ingredients_joined": ";".join(drink)},
            headers={"x-api-key": key},
        )
        pending[key] = answer.raise_for_status().json()[0]["url_result"]
        progress.advance(bar)
    return pending


def _collect(
    client: httpx2.Client, pending: dict[str, str], progress: Progress, until: float
) -> dict[str, dict[str, Any]]:
    bar = progress.add_task("Waiting for suggestions", total=len(pending))
    results: dict[str, dict[str, Any]] = {}
    while len(results) < len(pending) and time.monotonic() < until:
        for key in pending.keys() - results.keys():
            answer = client.get(pending[key], headers={"x-api-key": key}).raise_for_status()
            if answer.status_code == httpx2.codes.OK:
                results[key] = answer.json()
                progress.advance(bar)
        time.sleep(POLL)
    unfinished = {"status": "PROCESSING", "result": "", "suggestions": []}
    return {key: results.get(key, unfinished) for key in pending}


def _print(console: Console, drinks: list[list[str]], results: list[dict[str, Any]]) -> None:
    table = Table("Drink", "Suggestion", "Probability", "Status")
    for drink, result in zip(drinks, results, strict=True):
        best = result["suggestions"][0]["probability"] if result["suggestions"] else 0.0
        table.add_row(", ".join(drink), result["result"], f"{best:.0%}", result["status"])
    console.print(table)
