"""The shipped model, with other data on allergens."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Final

from suggester.artifacts import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GROUPS: Final[Mapping[str, Sequence[str] | None]] = {
    "milk": ["dairy"],
    "yogurt": ["dairy"],
    "cream": ["dairy"],
    "vanilla-ice-cream": ["dairy"],
    "almond-milk": ["nuts"],
    "peanut-butter": ["peanut", "x-rays"],
    "honey": None,
}


def write_grouped_model(
    folder: Path, contains: Mapping[str, Sequence[str] | None] = GROUPS
) -> Path:
    """Copy the model into a new folder, with `contains` for some ids and nothing for all others.

    None removes the data of an ingredient.
    """
    shutil.copytree(DEFAULT, folder)
    path = folder / "vocabulary.json"
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    for entry in vocabulary["ingredients"]:
        groups = contains.get(entry["id"], [])
        entry.pop("contains", None)
        if groups is not None:
            entry["contains"] = groups
    path.write_text(json.dumps(vocabulary), encoding="utf-8")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder
