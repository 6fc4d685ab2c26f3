"""Train a model on recipes and write its artifacts: `python -m training.train [DATA]`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from training import export
from training.categories import category_numbers, common_categories, learn_categories
from training.console import explain_errors, note, progress, silence_stderr
from training.dataset import DatasetFiles
from training.embedding import embed
from training.metrics import Metrics, rank_cases
from training.plan import Plan, choose_plan
from training.replacement import check_replacement
from training.roles import build_masks
from training.split import VALIDATION_SEED, leave_one_out, split_two_ways
from training.tuning import TUNING_CASES, Blend, tune

if TYPE_CHECKING:
    from training.dataset import Dataset
    from training.fit import Fit
    from training.weights import Weights

ARTIFACTS: Final = Path(__file__).parents[1] / "artifacts"
PACKAGES: Final = ("tensorflow", "keras", "numpy")


def main(  # noqa: PLR0913 - the options of a command line
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
    base: Annotated[
        Path | None, typer.Option(help="The ingredients that may begin a drink, one per line.")
    ] = None,
    additive: Annotated[
        Path | None, typer.Option(help="The ingredients that may be added, one per line.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="The largest number of epochs (default: by data size)."),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(min=1, help="The hidden units of each network (default: by data size)."),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="The random seed of the training.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="The folder to write.")] = ARTIFACTS,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a better model of the same data too.")
    ] = False,
) -> None:
    """Train a model on recipes and write its artifacts."""
    with explain_errors():
        export.check_target(out)
        files = DatasetFiles.of(data, ingredients, columns)
        dataset = files.read(min_count, note)
        masks = build_masks(dataset, base, additive)
        size = len(dataset.recipes), dataset.recipes.columns
        plan = choose_plan(*size, epochs=epochs, width=width, seed=seed)
        model = learn(dataset, plan)
        card = build_card(plan, files.describe(dataset.recipes, min_count), model)
        if not replace:
            check_replacement(out, card)
        version = export.write_artifacts(out, build_files(dataset, masks, model.weights), card)
        metrics = model.blend.validation
        note(f"validation: MRR {metrics.mrr:.4f}, hit@10 {metrics.hit10:.4f}")
        note(f"model {version} was written to {out}")


@dataclass(frozen=True)
class Model:
    """A trained model.

    Attributes:
        fit: the training of the networks, and their average.
        weights: the average with its linear part.
        blend: the blend with the vote.
        network: the validation metrics of the average alone.
    """

    fit: Fit
    weights: Weights
    blend: Blend
    network: Metrics


def learn(dataset: Dataset, plan: Plan) -> Model:
    """Train on nine tenths of the recipes, and use the rest to stop and to tune the blend."""
    with silence_stderr():
        from training.fit import fit  # noqa: PLC0415 - TensorFlow takes seconds

    rows, held_out = split_two_ways(len(dataset.recipes))
    train, validation = dataset.recipes.take(rows), dataset.recipes.take(held_out)
    cases = leave_one_out(validation, VALIDATION_SEED, TUNING_CASES)
    with progress(plan.epochs) as report:
        trained = fit(train, cases, plan, report)
    network = Metrics.of(rank_cases(trained.weights.logits, cases))
    return Model(trained, *tune(trained.weights, train, cases), network)


def build_files(
    dataset: Dataset, masks: dict[str, list[str]], weights: Weights
) -> dict[str, bytes]:
    """Return every file of the artifacts except the model card.

    The vote uses all recipes, including the validation recipes, because tuning is finished.
    """
    from training.network import rebuild_network  # noqa: PLC0415 - TensorFlow takes seconds

    with tempfile.TemporaryDirectory() as folder:
        network = export.network_files(rebuild_network(weights), Path(folder))
    return {
        "vocabulary.json": export.vocabulary_file(dataset.ingredients, dataset.recipes),
        "recipes.npz": export.recipes_file(dataset.recipes),
        **knowledge_files(dataset),
        "embedding.npz": export.arrays_file(embedding=embed(weights)),
        **{f"{role}.txt": export.mask_file(role, ids) for role, ids in masks.items()},
        **network,
    }


def knowledge_files(dataset: Dataset) -> dict[str, bytes]:
    """Return the names of the drinks and the classifier, as far as the data have them."""
    categories = common_categories(dataset.labels)
    if not categories and not any(label.name for label in dataset.labels):
        return {}
    files = {"drinks.json": export.drinks_file(dataset, categories)}
    if categories:
        targets = category_numbers(dataset.labels, categories)
        classifier = learn_categories(dataset.recipes, targets, len(categories))
        weights, bias = classifier.weights, classifier.bias
        files["categories.npz"] = export.arrays_file(weights=weights, bias=bias)
    return files


def build_card(plan: Plan, data: dict[str, object], model: Model) -> dict[str, Any]:
    """Return the model card: data, settings, validation metrics, size and packages."""
    return {
        "data": data,
        "settings": asdict(plan),
        "neighbours": {"beta": model.blend.beta, "weight": model.blend.weight},
        "linear": {"ridge": model.blend.ridge, "gain": model.blend.gain},
        "metrics": {
            "network": asdict(model.network),
            "mix": asdict(model.blend.validation),
            "best_epoch": model.fit.best.number,
        },
        "parameters": model.weights.count,
        "packages": {package: version_of(package) for package in PACKAGES},
    }


if __name__ == "__main__":
    typer.run(main)
