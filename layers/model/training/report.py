"""The figures of an evaluation, as rows for the JSON file and as tables for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from training.bootstrap import paired_intervals
from training.metrics import FILLING, Metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from training.comparison import Outcome
    from training.metrics import Ranks

    Row = dict[str, Any]

OURS: Final = "barback"
SERVED: Final = "_served"
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
}
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
    return bare | {name + SERVED: row for name, row in served.items()}


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


def _lead(differences: Ranks) -> Row:
    intervals = paired_intervals(differences)
    return {figure: asdict(found) for figure, found in zip(LEADS, intervals, strict=False)}


def build_tables(rows: dict[str, Row], recipes: int, cases: int) -> Iterator[Table]:
    """Yield the tables: as served, Barback's lead there, and without masks."""
    served = {name: rows[name + SERVED] for name in LABELS}
    forbidden = served[OURS]["forbidden"]
    title = f"As served: {recipes} recipes, {cases} cases, {forbidden:.1%} forbidden by the masks"
    yield _table(title, served, (*HITS, *FILLING))
    others = {name: row["lead"] for name, row in served.items() if name != OURS}
    yield _table("Barback's lead as served, with its 95 % interval", others, LEADS)
    bare = {name: rows[name] for name in LABELS}
    yield _table("Without masks", bare, (*HITS, "mean_rank", "parameters", "seconds"))


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
    decimals = {"mean_rank": 1, "seconds": 1, "parameters": 0}.get(figure, 4)
    return f"{value:,.{decimals}f}"
