"""A demo: one hundred callers, each with one half-built drink of the corpus."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

import httpx2
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from infra.local.half_built import from_recipes, random_drinks
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from infra.local.half_built import HalfBuilt

TASKS: Final = 100
LIMIT: Final = 60.0  # seconds until the demo gives up
POLL: Final = 0.05  # seconds between two rounds of polls


def run_demo(url: str, tasks: int = TASKS) -> bool:
    """Submit drinks one by one, poll until all are final, and print a table of the results.

    Returns whether all succeeded.
    """
    console = Console()
    drinks = _drinks(console, tasks)
    started = time.monotonic()
    with (
        httpx2.Client(base_url=url, timeout=10) as client,
        Progress(console=console, transient=True) as progress,
    ):
        pending = _submit(client, drinks, progress)
        results = list(_collect(client, pending, progress, started + LIMIT).values())
    elapsed = time.monotonic() - started
    print_results(console, drinks, results)
    succeeded = [result["status"] for result in results].count("SUCCESS")
    console.print(f"{succeeded} of {tasks} tasks succeeded in {elapsed:.2f} s.")
    return succeeded == tasks


def _drinks(console: Console, count: int) -> list[HalfBuilt]:
    vocabulary = Vocabulary.load(Artifacts.of(os.environ))
    drinks = from_recipes(vocabulary, count)
    if not drinks:
        console.print(
            f"The model knows the ingredients of fewer than {count} recipes of the corpus, so "
            "these drinks are random.",
            soft_wrap=True,
        )
    return drinks or random_drinks(vocabulary, count)


def _submit(client: httpx2.Client, drinks: list[HalfBuilt], progress: Progress) -> dict[str, str]:
    """Submit each drink with its own key; return the URL of the result by key."""
    bar = progress.add_task("Submitting", total=len(drinks))
    pending = {}
    for number, drink in enumerate(drinks):
        key = f"caller-{number}"
        answer = client.post(
            "/api/process",
            params={"ingredients_joined": ";".join(drink.ingredients)},
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


def print_results(console: Console, drinks: list[HalfBuilt], results: list[dict[str, Any]]) -> None:
    """Print the suggestions, and how many of them are the ingredient that the recipe has."""
    table = Table("Drink so far", "Suggestion", "Probability", "The recipe has", "Suggested")
    counts = {"first": 0, "in the top 5": 0, "no": 0}
    for drink, result in zip(drinks, results, strict=True):
        place = _place(drink, result)
        if place:
            counts[place] += 1
        best = result["suggestions"][:1]
        table.add_row(
            ", ".join(drink.ingredients),
            best[0]["ingredient"] if best else result["status"],
            f"{best[0]['probability']:.0%}" if best else "",
            drink.hidden or "",
            place,
        )
    console.print(table)
    recipes = sum(counts.values())
    if recipes:
        top = counts["first"] + counts["in the top 5"]
        console.print(
            f"The ingredient of the recipe was suggested first for {counts['first']} of {recipes} "
            f"drinks, and in the top 5 for {top}. The model was trained on these recipes; "
            "`make evaluate` uses others.",
            soft_wrap=True,
        )


def _place(drink: HalfBuilt, result: dict[str, Any]) -> str:
    """Return where the recipe's ingredient is among the suggestions; nothing without a recipe."""
    suggested = [suggestion["ingredient"] for suggestion in result["suggestions"]]
    if drink.hidden is None or not suggested:
        return ""
    if suggested[0] == drink.hidden:
        return "first"
    return "in the top 5" if drink.hidden in suggested[:5] else "no"
