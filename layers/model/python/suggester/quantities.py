"""Quantities in the names of ingredients: `2 cl fresh lime juice` is `fresh lime juice`.

All functions take names in the form of `suggester.names.normalise`, in English or Russian, and
return names in that form. They never return an empty name.
"""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = (
    # English
    r"(?:fl\.? ?|fluid )?(?:oz|ounces?)|[mcd]?l|milli?lit(?:er|re)s?|centilit(?:er|re)s?"
    r"|lit(?:er|re)s?|k?g|kgs|gr|grams?|kilos?|kilograms?|lbs?|pounds?|pints?|pts?|quarts?|qts?"
    r"|gallons?|cups?|c|tb?l?sps?|tbs|tablespoons?|teaspoons?|t|(?:bar ?)?spoons?|bsp|spoonfuls?"
    r"|jiggers?|shots?|parts?|measures?|glass(?:es)?|bottles?|cans?|tins?|jars?|cartons?|bag"
    r"|packages?|pkgs?|packets?|packs?|box(?:es)?|containers?|sachets?|envelopes?"
    r"|dash(?:es)?|splash(?:es)?|drops?|pinch(?:es)?|drizzles?|handfuls?|scoops?|knobs?|bunch(?:es)?"
    r"|slices?|wedges?|pieces?|chunks?|cubes?|sprigs?|twists?|strips?|sticks?|stalks?|cloves?|heads?"
    # Russian
    r"|мл|сл|л|литр(?:а|ов)?|кг|гр?|грамм(?:а|ов)?|килограмм(?:а|ов)?"
    r"|(?:ст(?:ол)?|ч(?:айн)?|дес)\.? ?л(?:ож(?:ка|ки|ек)?)?"
    r"|(?:(?:столов|чайн|барн|десертн)(?:ая|ые|ых|ой) )?лож(?:ка|ки|ек)"
    r"|стакан(?:а|ов)?|рюм(?:ка|ки|ок)|чаш(?:ка|ки|ек)|щепот(?:ка|ки|ок)|шт(?:ук[аи]?)?"
    r"|кап(?:ля|ли|ель)|дэш(?:а|ей)?|доль(?:ка|ки|ек)|ломтик(?:а|ов)?|кусоч(?:ек|ка|ков)|кубик(?:а|ов)?"
    r"|веточ(?:ка|ки|ек)|пуч(?:ок|ка|ков)|зубчик(?:а|ов)?|горст(?:ь|и|ей)|бан(?:ка|ки|ок)"
    r"|бутыл(?:ка|ки|ок)|пакет(?:ик)?(?:а|ов)?|част(?:ь|и|ей)|порци(?:я|и|й)|упаков(?:ка|ки|ок)"
)
# A fraction is a pair of numbers, or a character, which NFKC replaces with a pair.
_NUMBER: Final = r"(?:\d+ )?\d+ ?[/⁄] ?\d+|\d+[.,]\d+|\d*[¼½¾⅐-⅞]|\d+"
_RANGE: Final = rf"(?:{_NUMBER})(?: ?(?:-|x|×|to|or|до|или) ?(?:{_NUMBER}))*\+?"
_ABOUT: Final = r"(?:(?:about|approx(?:imately)?\.?|ca\.?|circa|scant|heaping|около|примерно|~) ?)?"
_WORD: Final = r"an?|one|two|three|four|five|six|half(?: an?)?|один|одна|два|две|три|четыре|пол"
_END: Final = r"(?:\.|(?![\w-]))"
_SIZED: Final = r"(?:(?:large|small|medium|heaped|level|rounded|generous|good|большой|маленькой) )?"

# In front of a name: a number with a unit, a unit that needs no number, or a number.
_MEASURE: Final = rf"{_ABOUT}(?:{_RANGE} ?|(?:{_WORD}) ){_SIZED}(?:{_UNITS}){_END}"
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
    rf"{_ABOUT}(?!0\d){_RANGE} (?:of )?(?=[^\W\d_])(?!(?:{_KINDS})\b)"
)
_TRAILING_MEASURE: Final = re.compile(
    rf"(?: ?[,:-] ?| ){_ABOUT}{_RANGE} ?(?:{_UNITS})(?:\.(?: ?л\.?)?)?$"
)
_NOTE: Final = re.compile(
    r"(?:[ ,(-]+)(?:(?:or )?to taste|as needed|optional|for (?:garnish|serving|the rim|dusting)"
    r"|по вкусу|по желанию|для украшения|для подачи)\)?$"
)
# Other notes in brackets may name another ingredient: milk (oat).
_BRACKETS: Final = re.compile(rf" ?\({_ABOUT}{_RANGE}[ -]?(?:{_UNITS})\.?[^()]*\)")

_NOTHING: Final = re.compile(rf"(?:{_UNITS}|[\W\d_]*)")  # 2 cups

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
