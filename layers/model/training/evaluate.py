"""Compare the model with others on held-out recipes: `python -m training.evaluate [DATA]`."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads annotations
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from training import comparison
from training.console import explain_errors, note
from training.dataset import DatasetFiles
from training.errors import ExportFailed
from training.split import folds, split_three_ways

if TYPE_CHECKING:
    from training.comparison import Outcome
    from training.recipe_matrix import RecipeMatrix

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
    data: Annotated[
        Path | None, typer.Argument(help="A file of recipes (default: the project's corpus).")
    ] = None,
    *,
    min_count: Annotated[
        int, typer.Option(min=1, help="Drop ingredients that fewer recipes contain.")
    ] = 1,
    ingredients: Annotated[
        Path | None, typer.Option(help="A table of names, roles and aliases (.tsv).")
    ] = None,
    dedup: Annotated[
        bool, typer.Option("--dedup", help="Keep one of several equal recipes.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="A file to write the figures to.")
    ] = None,
) -> None:
    """Compare the model with others on held-out recipes (without DATA, by cross-validation)."""
    with explain_errors():
        _check_folder(json_file)
        recipes = DatasetFiles.of(data, ingredients).read(min_count).recipes
        recipes = recipes.distinct() if dedup else recipes
        outcomes = hold_out(recipes) if data else cross_validate(recipes)
        rows = {name: outcome.row() for name, outcome in outcomes.items()}
        cases = len(outcomes["barback"].ranks)
        Console().print(format_table(rows, f"{len(recipes)} recipes, {cases} test cases"))
        if json_file:
            _write(json_file, json.dumps(rows, indent=2) + "\n")


def hold_out(recipes: RecipeMatrix) -> dict[str, Outcome]:
    """Train on 80 % of the recipes, tune on 10 % and test on 10 %."""
    train, validation, test = (recipes.take(rows) for rows in split_three_ways(len(recipes)))
    return comparison.run(train, validation, test, note)


def cross_validate(recipes: RecipeMatrix) -> dict[str, Outcome]:
    """Test on each fifth of the recipes in turn, and tune on a tenth of the rest."""
    total: dict[str, Outcome] = {}
    for number, (rest, test) in enumerate(folds(len(recipes), FOLDS), start=1):
        note(f"fold {number} of {FOLDS}")
        tenth = len(rest) // 10
        train, validation = recipes.take(rest[tenth:]), recipes.take(rest[:tenth])
        outcomes = comparison.run(train, validation, recipes.take(test), lambda _: None)
        for name, outcome in outcomes.items():
            total[name] = total[name] + outcome if name in total else outcome
    return total


def format_table(rows: dict[str, dict[str, float]], title: str) -> Table:
    """Format the figures as a table with a line for each model."""
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("model")
    for column in ("hit@1", "hit@5", "hit@10", "MRR", "mean rank", "parameters", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, row in rows.items():
        shares = [f"{row[figure]:.4f}" for figure in ("hit1", "hit5", "hit10", "mrr")]
        size, seconds = f"{row['parameters']:,}", f"{row['seconds']:.1f}"
        table.add_row(LABELS[name], *shares, f"{row['mean_rank']:.1f}", size, seconds)
    return table


def _check_folder(path: Path | None) -> None:
    """Check that the file's folder exists before the training rather than after it."""
    if path and not path.parent.is_dir():
        raise ExportFailed(f"{path.parent} is not a folder; create it or choose another.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise ExportFailed(f"{path} cannot be written ({error.strerror}).") from error


if __name__ == "__main__":
    typer.run(main)
