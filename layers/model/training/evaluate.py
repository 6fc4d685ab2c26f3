"""Lay the model beside others on held-out recipes: `python -m training.evaluate [DATA]`."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads annotations
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from training.console import explain_errors, note
from training.contest import Outcome, compete
from training.errors import ExportFailed
from training.source import Source
from training.split import folds, three_ways

if TYPE_CHECKING:
    from training.sets import Sets

FOLDS: Final = 5
LABELS: Final = {
    "popularity": "popularity",
    "cosine": "item cosine",
    "pmi": "log pop. + PMI",
    "ease": "EASE",
    "nearest": "nearest",
    "lstm": "LSTM",
    "barback": "Barback",
}


def main(
    data: Annotated[Path | None, typer.Argument(help="Recipes; the project's if left out.")] = None,
    *,
    min_count: Annotated[int, typer.Option(min=1, help="Drop names in fewer recipes.")] = 1,
    ingredients: Annotated[Path | None, typer.Option(help="Names, roles, aliases (.tsv).")] = None,
    dedup: Annotated[bool, typer.Option("--dedup", help="Keep the first of equal sets.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write figures there.")] = None,
) -> None:
    """Lay the model beside others on held-out recipes, by cross-validation if DATA is left out."""
    with explain_errors():
        _check(json_file)
        recipes = Source.of(data, ingredients).read(min_count).recipes
        recipes = recipes.distinct() if dedup else recipes
        outcomes = hold_out(recipes) if data else cross_validate(recipes)
        rows = {name: outcome.row() for name, outcome in outcomes.items()}
        cases = len(outcomes["barback"].ranks)
        Console().print(table_of(rows, f"{len(recipes)} recipes, {cases} test cases"))
        if json_file:
            _write(json_file, json.dumps(rows, indent=2) + "\n")


def hold_out(recipes: Sets) -> dict[str, Outcome]:
    """Train on 80 % of the recipes, tune on 10 % and test on 10 %."""
    train, validation, test = (recipes.take(rows) for rows in three_ways(len(recipes)))
    return compete(train, validation, test, note)


def cross_validate(recipes: Sets) -> dict[str, Outcome]:
    """Test on each fifth of the recipes in turn, tuning on a tenth of the other four."""
    total: dict[str, Outcome] = {}
    for number, (rest, test) in enumerate(folds(len(recipes), FOLDS), start=1):
        note(f"fold {number} of {FOLDS}")
        tenth = len(rest) // 10
        train, validation = recipes.take(rest[tenth:]), recipes.take(rest[:tenth])
        for name, outcome in compete(train, validation, recipes.take(test), _silent).items():
            total[name] = total[name] + outcome if name in total else outcome
    return total


def table_of(rows: dict[str, dict[str, float]], title: str) -> Table:
    """Lay the figures out, one model a line."""
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("model")
    for column in ("hit@1", "hit@5", "hit@10", "MRR", "mean rank", "parameters", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in rows.items():
        shares = [f"{row[figure]:.4f}" for figure in ("hit1", "hit5", "hit10", "mrr")]
        size, seconds = f"{row['parameters']:,}", f"{row['seconds']:.1f}"
        table.add_row(LABELS[name], *shares, f"{row['mean_rank']:.1f}", size, seconds)
    return table


def _silent(_: str) -> None:
    pass


def _check(path: Path | None) -> None:
    """Refuse a place without a folder before the training rather than after."""
    if path and not path.parent.is_dir():
        raise ExportFailed(f"{path.parent} is no folder; make it first or name another.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise ExportFailed(f"{path} cannot be written ({error.strerror}).") from error


if __name__ == "__main__":
    typer.run(main)
