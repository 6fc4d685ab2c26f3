"""Keep a model that is better than the one that would replace it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from training.errors import ModelWorse
from training.export import CARD

if TYPE_CHECKING:
    from pathlib import Path

SAME_DATA: Final = ("digest", "recipes", "ingredients", "min_count")


def check_replacement(folder: Path, card: dict[str, Any]) -> None:
    """Check that the folder has no model with a better validation MRR on the same data.

    Raises:
        ModelWorse: it has one.
    """
    try:
        old = json.loads((folder / CARD).read_bytes())
        same = all(old["data"][key] == card["data"][key] for key in SAME_DATA)
        mrr, version = float(old["metrics"]["mix"]["mrr"]), str(old["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # no model, or not one that can be compared
    new = float(card["metrics"]["mix"]["mrr"])
    if same and new < mrr:
        raise ModelWorse(
            f"{folder} was not changed: its model {version} has a validation MRR of {mrr:.4f} on "
            f"the same data, and the new one {new:.4f}. REPLACE=1 replaces it anyway, and OUT= "
            "names another folder."
        )
