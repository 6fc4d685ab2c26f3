"""Quantities in the names of ingredients: `2 cl fresh lime juice` is `fresh lime juice`.

All functions take names in the form of `suggester.names.normalise`, in English or Russian, and
return names in that form. They never return an empty name.
"""

from __future__ import annotations

import re
from typing import Final

from suggester.units import ABOUT, ANY_UNIT, NUMBER_WORDS, RANGE

_WORD: Final = "|".join(NUMBER_WORDS)
_END: Final = r"(?:\.|(?![\w-]))"
_SIZED: Final = r"(?:(?:large|small|medium|heaped|level|rounded|generous|good|большой|маленькой) )?"

# In front of a name: a number with a unit, a unit that needs no number, or a number.
_MEASURE: Final = rf"{ABOUT}(?:{RANGE} ?|(?:{_WORD}) ){_SIZED}(?:{ANY_UNIT}){_END}"
_BARE: Final = (
    r"(?:(?:dash(?:es)?|splash|pinch|drizzle|handful|щепот(?:ка|ки)|капля|веточка|долька) (?:of )?"
    r"|(?:slice|wedge|piece|sprig|twist|drops?|scoop|glass|cup|bottle|can)s? of )"
)
_LEADING_MEASURE: Final = re.compile(rf"(?:{_MEASURE}[ ,]*(?:of )?|{_BARE})(?=\S)")
# Two numbers may name a product: 7 up, 12 year old rum, 5 spice powder, 2% milk, 00 flour.
_KINDS: Final = (
    r"years?|yrs?|proof|grains?|beans?|spices?|fruits?|cheeses?|stars?|minutes?|inch(?:es)?|degrees?"
    r"|percent|процент\w*|лет|зерен|злаков|сыра|сыров"
)
_LEADING_NUMBER: Final = re.compile(
    rf"{ABOUT}(?!0\d){RANGE} (?:of )?(?=[^\W\d_])(?!(?:{_KINDS})\b)"
)
_TRAILING_MEASURE: Final = re.compile(
    rf"(?: ?[,:-] ?| ){ABOUT}{RANGE} ?(?:{ANY_UNIT})(?:\.(?: ?л\.?)?)?$"
)
_NOTE: Final = re.compile(
    r"(?:[ ,(-]+)(?:(?:or )?to taste|as needed|optional|for (?:garnish|serving|the rim|dusting)"
    r"|по вкусу|по желанию|для украшения|для подачи)\)?$"
)
# Other notes in brackets may name another ingredient: milk (oat).
_BRACKETS: Final = re.compile(rf" ?\({ABOUT}{RANGE}[ -]?(?:{ANY_UNIT})\.?[^()]*\)")

_NOTHING: Final = re.compile(rf"(?:{ANY_UNIT}|[\W\d_]*)")  # 2 cups

_PREPARED: Final = (
    r"fresh|freshly|squeezed|pressed|chilled|chopped|sliced|diced|peeled|washed|rinsed|pitted|halved"
    r"|quartered|roughly|finely|coarsely|thinly|thickly|large|medium|small|medium-sized|ripe"
    r"|свеж(?:ий|ая|ее|ие|его|ей|их|ую)|свежевыжат(?:ый|ая|ое|ые|ого|ой|ых)"
    r"|охлажд[её]нн(?:ый|ая|ое|ые|ого|ой|ых)|нарезанн(?:ый|ая|ое|ые|ого|ой|ых)"
    r"|очищенн(?:ый|ая|ое|ые|ого|ой|ых)|крупн(?:ый|ая|ое|ые|ого|ой|ых)|спел(?:ый|ая|ое|ые|ого|ой|ых)"
)
_LEADING_PREPARATION: Final = re.compile(rf"(?:(?:{_PREPARED})(?:,? (?:and )?|-))+(?=\S)")
_TRAILING_PREPARATION: Final = re.compile(rf"(?:,(?: and)? (?:{_PREPARED}|and| )+)+$")


def strip_quantity(name: str) -> str:
    """Remove quantities and units, and notes such as `to taste`."""
    rest = _NOTE.sub("", _BRACKETS.sub("", name)).strip()
    if found := _LEADING_MEASURE.match(rest) or _LEADING_NUMBER.match(rest):
        rest = rest[found.end() :]
        # A second one follows: 1 can 400 ml coconut milk, 1 cup + 2 tbsp sugar.
        rest = rest.removeprefix("+ ").removeprefix("plus ")
        if again := _LEADING_MEASURE.match(rest):
            rest = rest[again.end() :]
    rest = _TRAILING_MEASURE.sub("", rest).strip(" ,:-.")
    return name if _NOTHING.fullmatch(rest) else rest


def strip_preparation(name: str) -> str:
    """Remove words for the state or size of an ingredient that leave it the same: `fresh`.

    `dried`, `ground` and the like remain, because they make another ingredient.
    """
    rest = _TRAILING_PREPARATION.sub("", name)
    if found := _LEADING_PREPARATION.match(rest):
        rest = rest[found.end() :]
    return rest.strip(" ,:-") or name
