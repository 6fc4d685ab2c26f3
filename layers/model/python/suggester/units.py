"""The numbers and units of quantities in English and Russian: one table for names and for texts.

Forms are regular expressions for text in the form of `suggester.names.normalise`.
"""

from __future__ import annotations

import re
from typing import Final

# A fraction is a pair of numbers, or a character, which NFKC replaces with a pair.
NUMBER: Final = r"(?:\d+ )?\d+ ?[/⁄] ?\d+|\d+[.,]\d+|\d*[¼½¾⅐-⅞]|\d+"
RANGE: Final = rf"(?:{NUMBER})(?: ?(?:-|x|×|to|or|до|или) ?(?:{NUMBER}))*\+?"
ABOUT: Final = r"(?:(?:about|approx(?:imately)?\.?|ca\.?|circa|scant|heaping|около|примерно|~) ?)?"

# The longest come first, so that a regular expression of them prefers these.
NUMBER_WORDS: Final[dict[str, float]] = {
    "half an": 0.5,
    "half a": 0.5,
    "half": 0.5,
    "two thirds of a": 2 / 3,
    "one third of a": 1 / 3,
    "a third of a": 1 / 3,
    "three quarters of a": 0.75,
    "a quarter of a": 0.25,
    "a couple of": 2,
    "a couple": 2,
    "a dozen": 12,
    "an": 1,
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "две трети": 2 / 3,
    "одна треть": 1 / 3,
    "одну треть": 1 / 3,
    "треть": 1 / 3,
    "четверть": 0.25,
    "половиной": 0.5,
    "половина": 0.5,
    "половину": 0.5,
    "половинка": 0.5,
    "половинку": 0.5,
    "полтора": 1.5,
    "полторы": 1.5,
    "пол": 0.5,
    "парой": 2,
    "пара": 2,
    "пару": 2,
    "один": 1,
    "одна": 1,
    "одно": 1,
    "одну": 1,
    "одного": 1,
    "одной": 1,
    "два": 2,
    "две": 2,
    "двух": 2,
    "три": 3,
    "трех": 3,
    "трёх": 3,
    "четыре": 4,
    "четырех": 4,
    "четырёх": 4,
    "пять": 5,
    "шесть": 6,
    "семь": 7,
    "восемь": 8,
    "девять": 9,
    "десять": 10,
}

UNITS: Final[dict[str, str]] = {
    "ml": r"ml|milli?lit(?:er|re)s?|мл|миллилитр(?:а|ов)?",
    "cl": r"cl|centilit(?:er|re)s?|сл",
    "dl": r"dl|decilit(?:er|re)s?",
    "l": r"l|lit(?:er|re)s?|л|литр(?:а|ов)?",
    "g": r"g|gr|grams?|гр?|грамм(?:а|ов)?",
    "kg": r"kg|kgs|kilos?|kilograms?|кг|кило|килограмм(?:а|ов)?",
    "oz": r"(?:fl\.? ?|fluid )?(?:oz|ounces?)|унци(?:я|и|й)",
    "lb": r"lbs?|pounds?",
    "pint": r"pints?|pts?",
    "quart": r"quarts?|qts?",
    "gallon": r"gallons?",
    "tsp": (
        r"tsps?|teaspoon(?:s|fuls?)?|t|ч(?:айн)?\.? ?л(?:ож(?:ка|ку|ки|ек)?)?"
        r"|чайн(?:ая|ую|ые|ых|ой) лож(?:ка|ку|ки|ек|ечка|ечку|ечки)|ч\.? ?лож(?:ка|ку|ки|ек)"
    ),
    "tbsp": (
        r"tb?l?sps?|tbs?|tablespoon(?:s|fuls?)?|ст(?:ол)?\.? ?л(?:ож(?:ка|ку|ки|ек)?)?"
        r"|столов(?:ая|ую|ые|ых|ой) лож(?:ка|ку|ки|ек)"
    ),
    "dessert_spoon": (
        r"dessert ?spoons?|дес\.? ?л(?:ож(?:ка|ки|ек)?)?"
        r"|десертн(?:ая|ую|ые|ых|ой) лож(?:ка|ку|ки|ек)"
    ),
    "bar_spoon": r"bar ?spoons?|bsp|барн(?:ая|ую|ые|ых|ой) лож(?:ка|ку|ки|ек)",
    "spoon": r"spoons?|spoonfuls?|лож(?:ка|ку|ки|ек|ечка|ечку|ечки)",
    "cup": r"cups?|c|mugs?|чаш(?:ка|ку|ки|ек|ечка|ечку)|круж(?:ка|ку|ки|ек)",
    "glass": r"glass(?:es)?|стакан(?:а|ов|чик|чика)?|бокал(?:а|ов)?",
    "shot": r"jiggers?|shots?|рюм(?:ка|ку|ки|ок)|шот(?:а|ов)?",
    "part": r"parts?|част(?:ь|и|ей)",
    "measure": r"measures?|порци(?:я|ю|и|й)",
    "bottle": r"bottles?|бутыл(?:ка|ку|ки|ок)",
    "can": r"cans?|tins?|бан(?:ка|ку|ки|ок|очка|очку)",
    "jar": r"jars?",
    "pack": (
        r"cartons?|packages?|pkgs?|packets?|packs?|box(?:es)?|containers?|sachets?|envelopes?"
        r"|пакет(?:ик)?(?:а|ов)?|упаков(?:ка|ку|ки|ок)|пач(?:ка|ку|ки|ек)|короб(?:ка|ку|ки|ок)"
    ),
    "bag": r"bags?",
    "dash": r"dash(?:es)?|дэш(?:а|ей)?",
    "splash": r"splash(?:es)?",
    "drop": r"drops?|кап(?:ля|лю|ли|ель|елька|ельку|ельки|елек)",
    "drizzle": r"drizzles?",
    "pump": r"pumps?",
    "pinch": r"pinch(?:es)?|щепот(?:ка|ку|ки|ок|очка|очку)",
    "handful": r"handfuls?|горст(?:ь|и|ей)|горсточ(?:ка|ку|ки)|пригоршн(?:я|ю|и)",
    "scoop": r"scoops?|шарик(?:а|ов|ом)?",
    "knob": r"knobs?",
    "bunch": r"bunch(?:es)?|пуч(?:ок|ка|ков|очек)",
    "slice": r"slices?|ломтик(?:а|ов)?|круж(?:ок|ка|ков|очек|очка|очков)",
    "wedge": r"wedges?|доль(?:ка|ку|ки|ек)",
    "piece": r"pieces?|chunks?|pcs?|шт(?:ук[аиу]?)?|кусоч(?:ек|ка|ков)|кус(?:ок|ка|ков)",
    "cube": r"cubes?|кубик(?:а|ов)?",
    "sprig": r"sprigs?|twists?|веточ(?:ка|ку|ки|ек)",
    "leaf": r"leaf|leaves|лист(?:ик|ика|иков|ьев|ья)",
    "strip": r"strips?|полоск(?:а|у|и)",
    "stick": r"sticks?|палоч(?:ка|ку|ки|ек)",
    "stalk": r"stalks?|стеб(?:ель|ля|лей)",
    "clove": r"cloves?|зубчик(?:а|ов)?",
    "head": r"heads?|голов(?:ка|ку|ки|ок)",
}
ANY_UNIT: Final = "|".join(UNITS.values())

_UNIT: Final = re.compile("|".join(f"(?P<{name}>{forms})" for name, forms in UNITS.items()))


def find_unit(form: str) -> str | None:
    """Return the unit that a form names, such as `tsp` for `teaspoons`, or None."""
    found = _UNIT.fullmatch(form)
    return found.lastgroup if found else None
