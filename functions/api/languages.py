"""The language that a caller prefers: the header Accept-Language of RFC 9110, section 12.5.4."""

from __future__ import annotations

import re
from typing import Final

from suggester.vocabulary import LANGUAGES, Language

WEIGHT: Final = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def preferred_language(accept_language: str) -> Language:
    """Return the language with the highest weight, or English.

    A language has the highest weight of its variants, such as `en-US` and `en`, or that of `*` if
    it is not listed. Of two languages with equal weights, the first in the header is preferred.
    """
    weights: dict[str, float] = {}
    for item in accept_language.lower().split(","):
        language, weight = _weighted(item)
        weights[language] = max(weight, weights.get(language, 0.0))
    first = [name for name in LANGUAGES if weights.get(name)]
    first.sort(key=list(weights).index)
    return max(*first, *LANGUAGES, key=lambda name: weights.get(name, weights.get("*", 0.0)))


def _weighted(item: str) -> tuple[str, float]:
    """Read an item such as `ru-RU; q=0.9`; an invalid weight counts as 0."""
    tag, *parameters = (part.strip() for part in item.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    return tag.partition("-")[0], float(weight) if WEIGHT.fullmatch(weight) else 0.0
