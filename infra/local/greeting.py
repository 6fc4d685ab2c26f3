"""What the local stack prints when it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from suggester.vocabulary import Ingredient, Vocabulary

PREFERRED: Final = ("milk", "strawberry")  # the drink that the documentation uses


def greeting(url: str, vocabulary: Vocabulary, data: Path) -> str:
    """Return the API's URL, a command with ingredients of the model, and where the data are."""
    drink = ";".join(quote(name, safe="") for name in example_drink(vocabulary))
    return (
        f"Barback is ready: {url}/\n\n"
        f"  curl -s -X POST '{url}/api/process?ingredients_joined={drink}'\n\n"
        f"The data are in {data}.\n"
        "The calls are described at /docs. Press Ctrl-C to stop."
    )


def example_drink(vocabulary: Vocabulary) -> list[str]:
    """Return the names of a base and an additive, or fewer if the model does not have both."""
    known = [entry for entry in vocabulary.ingredients if _is_found(entry, vocabulary)]
    known.sort(key=lambda entry: entry.en not in PREFERRED)
    base = next((entry for entry in known if entry.base), None)
    additive = next((entry for entry in known if entry.additive and entry is not base), None)
    return [entry.en for entry in (base, additive) if entry]


def _is_found(entry: Ingredient, vocabulary: Vocabulary) -> bool:
    """Whether the API finds the ingredient by its name in a list that semicolons separate."""
    return ";" not in entry.en and vocabulary.find(entry.en) is entry
