"""The figures of an evaluation, as rows for the JSON file and as tables for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from training.bootstrap import paired_intervals
from training.category_comparison import SUFFIX
from training.comparison import OURS
from training.finishing import NOVELTIES
from training.metrics import FILLING, Metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from training.comparison import Outcome
    from training.metrics import Ranks

    Row = dict[str, Any]

SERVED: Final = "_served"
FINISHED: Final = "_finished"
ONE_BY_ONE: Final = "barback_one_by_one"
NOVELTY: Final = "barback_novelty_"
SUBSTITUTES: Final[tuple[str, ...]] = ("next_substitutes", "barback_substitutes")
LABELS: Final = {
    "popularity": "popularity",
    "cosine": "item cosine",
    "pmi": "log pop. + PMI",
    "ease": "EASE, λ = 30",
    "ease_tuned": "EASE, tuned",
    "edlae": "EDLAE, tuned",
    "nearest": "nearest",
    "lstm": "LSTM",
    "barback": "Barback",
    "barback_one_by_one": "Barback, one by one",
    **{f"barback_novelty_{novelty:g}": f"novelty {novelty:g}" for novelty in NOVELTIES},
    "next_substitutes": "next",
    "barback_substitutes": "substitute",
    "majority_categories": "majority class",
    "nearest_categories": "nearest recipe",
    "barback_categories": "Barback",
}
TITLES: Final = {
    "hit1": "hit@1",
    "hit5": "hit@5",
    "hit10": "hit@10",
    "mrr": "MRR",
    "mean_rank": "mean rank",
    "precision": "precision",
    "recall": "recall",
    "ndcg": "nDCG",
    "f1_of_one": "F1, 1 given",
    "f1_of_two": "F1, 2 given",
    "popularity_rank": "popularity rank",
    "accuracy": "accuracy",
    "top3": "among the first 3",
}
DECIMALS: Final = {
    "mean_rank": 1,
    "popularity_rank": 1,
    "seconds": 1,
    "parameters": 0,
    "cases": 0,
}
FINISHING: Final = ("f1_of_one", "f1_of_two")
HITS: Final = ("hit1", "hit5", "hit10", "mrr")
LEADS: Final = ("hit10", "mrr", "ndcg")


def build_rows(outcomes: dict[str, Outcome]) -> dict[str, Row]:
    """Return the figures of each model, first of all models without masks, then as served.

    Every row but Barback's has a `lead`: by how much Barback is better on the same cases.
    """
    ours = outcomes[OURS]
    bare = {name: _bare_row(outcome) for name, outcome in outcomes.items()}
    served = {name: _served_row(outcome) for name, outcome in outcomes.items()}
    for name, outcome in outcomes.items():
        if name != OURS:
            bare[name]["lead"] = _lead(_bare_cases(ours) - _bare_cases(outcome))
            served[name]["lead"] = _lead(_served_cases(ours) - _served_cases(outcome))
    return (
        bare
        | {name + SERVED: row for name, row in served.items()}
        | {name + FINISHED: row for name, row in _finishing_rows(outcomes).items()}
        | _novelty_rows(ours)
        | _substitute_rows(ours)
    )


def _finishing_rows(outcomes: dict[str, Outcome]) -> dict[str, Row]:
    """Return how well each model finishes drinks, and Barback's lead."""
    finishings = {name: outcome.greedy for name, outcome in outcomes.items() if name != OURS}
    finishings[ONE_BY_ONE] = outcomes[OURS].greedy
    ours = outcomes[OURS].whole
    if ours is not None:
        finishings[OURS] = ours
    rows: dict[str, Row] = {}
    for name, found in finishings.items():
        means = dict(zip(FINISHING, found.f1.mean(axis=0).tolist(), strict=True))
        rows[name] = {**means, "distinct": found.distinct}
        if ours is not None and name != OURS:
            rows[name]["lead"] = _lead(ours.f1 - found.f1, FINISHING)
    return rows


def _novelty_rows(ours: Outcome) -> dict[str, Row]:
    """Return hit@10 and the mean popularity rank of ten suggestions for each novelty."""
    figures = () if ours.novelty is None else ours.novelty.mean(axis=0).tolist()
    return {
        f"{NOVELTY}{novelty:g}": {"hit10": hits, "popularity_rank": rank}
        for novelty, (hits, rank) in zip(NOVELTIES, figures, strict=False)
    }


def _substitute_rows(ours: Outcome) -> dict[str, Row]:
    """Return how well the replacement of an ingredient is ranked, by `next` and `substitute`."""
    if ours.substitutes is None or not len(ours.substitutes):
        return {}
    rows = [asdict(Metrics.of(ranks)) for ranks in ours.substitutes.T]
    return {
        name: {figure: row[figure] for figure in HITS} | {"cases": len(ours.substitutes)}
        for name, row in zip(SUBSTITUTES, rows, strict=True)
    }


def _bare_row(outcome: Outcome) -> Row:
    figures = asdict(Metrics.of(outcome.ranks))
    return {**figures, "parameters": outcome.parameters, "seconds": round(outcome.seconds, 2)}


def _served_row(outcome: Outcome) -> Row:
    metrics = asdict(Metrics.of(outcome.served))
    filling = zip(FILLING, outcome.filling.mean(axis=0).tolist(), strict=True)
    forbidden = float(np.mean(np.isinf(outcome.served)))
    return {**{figure: metrics[figure] for figure in HITS}, "forbidden": forbidden, **dict(filling)}


def _bare_cases(outcome: Outcome) -> Ranks:
    """Return hit@10 and the reciprocal rank of each case, (C, 2)."""
    return np.stack([outcome.ranks <= 10, 1 / outcome.ranks], axis=1)  # noqa: PLR2004 - hit@10


def _served_cases(outcome: Outcome) -> Ranks:
    """Return hit@10, the reciprocal rank and the nDCG of each case behind the masks, (C, 3)."""
    ranks, ndcg = outcome.served, outcome.filling[:, FILLING.index("ndcg")]
    return np.stack([ranks <= 10, 1 / ranks, ndcg], axis=1)  # noqa: PLR2004 - hit@10


def _lead(differences: Ranks, figures: Iterable[str] = LEADS) -> Row:
    intervals = paired_intervals(differences)
    return {figure: asdict(found) for figure, found in zip(figures, intervals, strict=False)}


def build_tables(rows: dict[str, Row], recipes: int, cases: int) -> Iterator[Table]:
    """Yield the tables: as served, Barback's lead there, and without masks."""
    served = _rows_of(rows, SERVED)
    forbidden = served[OURS]["forbidden"]
    title = f"As served: {recipes} recipes, {cases} cases, {forbidden:.1%} forbidden by the masks"
    yield _table(title, served, (*HITS, *FILLING))
    yield _table("Barback's lead as served, with its 95 % interval", _leads(served), LEADS)
    finished = _rows_of(rows, FINISHED)
    yield _table("Finishing drinks of 1 or 2 ingredients", finished, (*FINISHING, "distinct"))
    yield _table("Barback's lead in finishing drinks", _leads(finished), FINISHING)
    novelty = {name: row for name, row in rows.items() if name.startswith(NOVELTY)}
    yield _table("Barback's suggestions with novelty", novelty, ("hit10", "popularity_rank"))
    replaced = {name: rows[name] for name in SUBSTITUTES if name in rows}
    if replaced:
        yield _table("Replacing an ingredient", replaced, (*HITS, "cases"))
    categories = {name: rows[name] for name in rows if name.endswith(SUFFIX)}
    if categories:
        yield _table("Categories", categories, ("accuracy", "top3"))
    bare = {name: rows[name] for name in LABELS if name + SERVED in rows}
    yield _table("Without masks", bare, (*HITS, "mean_rank", "parameters", "seconds"))


def _rows_of(rows: dict[str, Row], suffix: str) -> dict[str, Row]:
    return {name: rows[name + suffix] for name in LABELS if name + suffix in rows}


def _leads(rows: dict[str, Row]) -> dict[str, Row]:
    return {name: row["lead"] for name, row in rows.items() if name != OURS}


def _table(title: str, rows: dict[str, Row], figures: Iterable[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    for figure in figures:
        table.add_column(TITLES.get(figure, figure), justify="right", no_wrap=True)
    for name, row in rows.items():
        table.add_row(LABELS[name], *(_format(figure, row[figure]) for figure in figures))
    return table


def _format(figure: str, value: Any) -> str:
    if isinstance(value, dict):
        mean, low, high = (f"{part:+.3f}".replace("0.", ".") for part in value.values())
        return f"{mean} ({low}, {high})"
    decimals = DECIMALS.get(figure, 4)
    return f"{value:,.{decimals}f}"
