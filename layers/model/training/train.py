"""Train a model on recipes and write its artifacts: `python -m training.train [DATA]`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from training import export
from training.blend import ENOUGH_CASES, Blend, tune
from training.console import explain_errors, hushed, note, progress
from training.masks import masks_of
from training.plan import Plan, plan_for
from training.source import Source
from training.split import VALIDATION_SEED, leave_one_out, two_ways

if TYPE_CHECKING:
    from training.fit import Fit
    from training.vocabulary import Corpus

ARTIFACTS: Final = Path(__file__).parents[1] / "artifacts"
PACKAGES: Final = ("tensorflow", "keras", "numpy")


def main(  # noqa: PLR0913 - the options of a command line
    data: Annotated[Path | None, typer.Argument(help="Recipes; the project's if left out.")] = None,
    *,
    min_count: Annotated[int, typer.Option(min=1, help="Drop names in fewer recipes.")] = 1,
    ingredients: Annotated[Path | None, typer.Option(help="Names, roles, aliases (.tsv).")] = None,
    base: Annotated[Path | None, typer.Option(help="What may begin a drink, one a line.")] = None,
    additive: Annotated[Path | None, typer.Option(help="What may be added, one a line.")] = None,
    epochs: Annotated[int, typer.Option(min=0, help="0: by the data's size.")] = 0,
    width: Annotated[int, typer.Option(min=0, help="0: by the data's size.")] = 0,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Fixes the model.")] = 1,
    out: Annotated[Path, typer.Option(help="The folder to write.")] = ARTIFACTS,
) -> None:
    """Train a model on recipes and write its artifacts."""
    with explain_errors():
        export.check_target(out)
        source = Source.of(data, ingredients)
        corpus = source.read(min_count)
        masks = masks_of(corpus.ingredients, base, additive)
        recipes, names = len(corpus.recipes), corpus.recipes.columns
        plan = plan_for(recipes, names, epochs=epochs, width=width, seed=seed)
        note(f"{recipes} recipes, {names} ingredients")
        fit, blend = learn(corpus, plan)
        described = source.describe(corpus.recipes, min_count)
        files = files_of(corpus, masks, fit)
        version = export.write_artifacts(out, files, card_of(plan, described, fit, blend))
        reached = blend.validation
        note(f"MRR {reached.mrr:.4f}, hit@10 {reached.hit10:.4f} on validation")
        note(f"model {version} is in {out}")


def learn(corpus: Corpus, plan: Plan) -> tuple[Fit, Blend]:
    """Train on nine tenths of the recipes; stop and tune by the last tenth."""
    with hushed():
        from training.fit import fit, scorer  # noqa: PLC0415 - TensorFlow takes seconds

    rows, held_out = two_ways(len(corpus.recipes))
    known, validation = corpus.recipes.take(rows), corpus.recipes.take(held_out)
    cases = leave_one_out(validation, VALIDATION_SEED, ENOUGH_CASES)
    with progress(plan.epochs) as report:
        trained = fit(known, cases, plan, report)
    return trained, tune(scorer(trained.network), known, cases)


def files_of(corpus: Corpus, masks: dict[str, list[str]], fit: Fit) -> dict[str, bytes]:
    """Collect every file of the artifacts but the model card.

    All recipes go into the vote, those held out as well: tuning is over by then.
    """
    with tempfile.TemporaryDirectory() as scratch:
        network = export.network_files(fit.network, Path(scratch))
    return {
        "vocabulary.json": export.vocabulary_file(corpus.ingredients),
        "recipes.npz": export.recipes_file(corpus.recipes),
        **{f"{role}.txt": export.mask_file(role, ids) for role, ids in masks.items()},
        **network,
    }


def card_of(plan: Plan, data: dict[str, object], fit: Fit, blend: Blend) -> dict[str, Any]:
    """Describe the model: data, settings, what it reached on validation, packages."""
    return {
        "data": data,
        "settings": asdict(plan),
        "neighbours": {"beta": blend.beta, "weight": blend.weight},
        "metrics": {
            "network": asdict(fit.best.validation),
            "mix": asdict(blend.validation),
            "best_epoch": fit.best.number,
        },
        "parameters": int(fit.network.count_params()),
        "packages": {package: version_of(package) for package in PACKAGES},
    }


if __name__ == "__main__":
    typer.run(main)
