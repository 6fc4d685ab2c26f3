"""Compare the model with others on held-out recipes: `python -m training.evaluate [DATA]`."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from suggester.artifacts import DEFAULT, Artifacts
from suggester.extraction import Extractor
from suggester.vocabulary import Vocabulary
from training import comparison
from training.category_comparison import compare_categories
from training.console import explain_errors, note
from training.dataset import DatasetFiles
from training.errors import ExportFailed
from training.extraction.scores import build_table
from training.report import build_rows, build_tables
from training.split import choose_folds, cross_validation

if TYPE_CHECKING:
    from training.comparison import Outcome
    from training.dataset import Dataset


def main(
    data: Annotated[
        Path | None, typer.Argument(help="A file or folder of recipes (default: the corpus).")
    ] = None,
    *,
    columns: Annotated[
        str | None,
        typer.Option(help="The columns or fields of ingredients: names, numbers or 3-10."),
    ] = None,
    min_count: Annotated[
        int, typer.Option(min=1, help="Drop ingredients that fewer recipes contain.")
    ] = 1,
    ingredients: Annotated[
        Path | None, typer.Option(help="A table of names, roles and aliases (.tsv).")
    ] = None,
    dedup: Annotated[
        bool, typer.Option("--dedup", help="Keep one of several equal recipes.")
    ] = False,
    folds: Annotated[
        int, typer.Option(min=0, max=20, help="Test on each of so many parts; 1 is a single split.")
    ] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="A file to write the figures to.")
    ] = None,
) -> None:
    """Compare the model with others on held-out recipes.

    Five folds test on all recipes if there are fewer than 5,000; otherwise a tenth is enough.
    """
    with explain_errors():
        _check_folder(json_file)
        dataset = DatasetFiles.of(data, ingredients, columns).read(min_count, note)
        if dedup:
            dataset = dataset.distinct()
        recipes = len(dataset.recipes)
        folds = folds or choose_folds(recipes)
        outcomes = compare(dataset, folds)
        rows = build_rows(outcomes) | compare_categories(dataset, folds)
        for table in build_tables(rows, recipes, len(outcomes["barback"].ranks)):
            Console().print(table)
        if data is None:
            vocabulary = Vocabulary.load(Artifacts.open(DEFAULT))
            Console().print(build_table(Extractor(vocabulary)))
        if json_file:
            _write(json_file, json.dumps(rows, indent=2) + "\n")


def compare(dataset: Dataset, count: int) -> dict[str, Outcome]:
    """Return the outcome of each model, over all test parts of a cross-validation."""
    total: dict[str, Outcome] = {}
    for number, parts in enumerate(cross_validation(len(dataset.recipes), count), start=1):
        note(f"fold {number} of {count}")
        for name, outcome in comparison.run(dataset, parts, note).items():
            total[name] = total[name] + outcome if name in total else outcome
    return total


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
