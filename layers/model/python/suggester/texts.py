"""Requests with a text instead of ingredients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from suggester.errors import RequestInvalid
from suggester.requests import MAX_INGREDIENTS

if TYPE_CHECKING:
    from suggester.extraction import Extraction
    from suggester.ranker import Ranker
    from suggester.requests import Request


def read_text(ranker: Ranker, request: Request) -> tuple[Request, dict[str, Any] | None]:
    """Return a request with the ingredients of its text, and what was understood of the text.

    What the text excludes is excluded from the answer, too: it may be an allergy.

    Raises:
        RequestInvalid: the text has too many ingredients for a drink, excludes something that is
            not clear, or names an ingredient and excludes its group.
    """
    if request.text is None or request.kind == "extract":
        return request, None
    extraction = ranker.extractor.extract(request.text)
    if extraction.unknown_negated:
        name = extraction.unknown_negated[0].text
        raise RequestInvalid(
            f"It is not clear which ingredients the text excludes with {name!r}; leave it out of "
            "the text, and send names or groups such as group:nuts in exclude."
        )
    if extraction.contradictory:
        against = extraction.contradictory[0]
        raise RequestInvalid(
            f"The text names {against.text!r} and excludes {against.group}, which contains it; "
            "leave one of the two out of the text."
        )
    ingredients = tuple(sorted(extraction.ingredients))
    if len(ingredients) > MAX_INGREDIENTS:
        raise RequestInvalid(f"The text has more than {MAX_INGREDIENTS} ingredients; shorten it.")
    excluded = tuple(sorted({*request.exclude, *extraction.excluded}))
    read = replace(request, ingredients=ingredients, exclude=excluded, text=None)
    return read, describe(extraction)


def describe(extraction: Extraction) -> dict[str, Any]:
    """Return an extraction as a JSON object. What a text excludes is not among `ingredients`."""
    excluded = set(extraction.excluded)
    unclear = [unknown._asdict() for unknown in extraction.unknown]
    unclear += [
        {"start": found.start, "end": found.end, "text": text}
        for found, _, text in extraction.contradictory
    ]
    return {
        "ingredients": [f._asdict() for f in extraction.found if f.ingredient not in excluded],
        "excluded": [found._asdict() for found in extraction.negated],
        "not_understood": sorted(unclear, key=lambda unknown: unknown["start"]),
    }
