"""Keys of words: all forms of a word share one.

The libraries are imported when the first word is seen: pymorphy3 for Russian, snowballstemmer
for English and other alphabets.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

# pymorphy3 has them as words of their own.
_DIMINUTIVES: Final = {
    "апельсинчик": "апельсин",
    "бананчик": "банан",
    "вишенка": "вишня",
    "водичка": "вода",
    "имбирек": "имбирь",
    "кефирчик": "кефир",
    "клубничка": "клубника",
    "кофеек": "кофе",
    "ледок": "лед",
    "лимончик": "лимон",
    "маслице": "масло",
    "медок": "мед",
    "молочко": "молоко",
    "морковка": "морковь",
    "огурчик": "огурец",
    "помидорчик": "помидор",
    "сахарок": "сахар",
    "сметанка": "сметана",
    "творожок": "творог",
    "тыковка": "тыква",
    "чаек": "чай",
    "яблочко": "яблоко",
}
CACHED_WORDS: Final = 20_000
_RUSSIAN: Final = re.compile("[а-я]+")
_ANOTHER_WORD: Final = ("ed", "ing", "ly")  # iced, icing
_NOUNS: Final = frozenset(("NOUN",))
_ADJECTIVES: Final = frozenset(("ADJF", "PRTF"))
_CLOSED: Final = frozenset(("PREP", "CONJ", "PRCL", "ADVB", "NPRO", "INTJ", "PRED", "COMP"))
_LEAST_SCORE: Final = 0.05


class Word(NamedTuple):
    """What morphology tells of a word.

    Attributes:
        keys: the keys of its possible readings; the word itself for other alphabets.
        noun: whether it may be a noun; always true for other alphabets.
        adjective: whether it is most likely an adjective.
        genitive: whether it is most likely a noun in the genitive, as after another noun.
        fixed: whether it is a noun that has only one form, which may be a genitive.
        closed: whether it is most likely a preposition, a conjunction or the like.
        verb: whether it is most likely a verb.
    """

    keys: frozenset[str]
    noun: bool = True
    adjective: bool = False
    genitive: bool = False
    fixed: bool = False
    closed: bool = False
    verb: bool = False


def is_russian(word: str) -> bool:
    """Whether a folded word has Russian letters only."""
    return _RUSSIAN.fullmatch(word) is not None


def keys_of(word: str) -> frozenset[str]:
    """Return the keys of a folded word, and the word itself."""
    return analyse(word).keys | {word}


@lru_cache(CACHED_WORDS)
def analyse(word: str) -> Word:
    """Return what is known of a folded word."""
    return _analyse_russian(word) if _RUSSIAN.fullmatch(word) else Word(frozenset((_stem(word),)))


def _stem(word: str) -> str:
    return word if word.endswith(_ANOTHER_WORD) or not word.isalpha() else _stemmer()(word)


def _analyse_russian(word: str) -> Word:
    first, *others = _parser()(word)
    readings = [first, *(found for found in others if found.score >= _LEAST_SCORE)]
    best = str(first.tag.POS)
    nouns = [found for found in readings if found.tag.POS in _NOUNS]
    keys = {word, *(found.normal_form.replace("ё", "е") for found in readings)}
    return Word(
        keys=frozenset((*keys, *(_DIMINUTIVES[key] for key in keys & _DIMINUTIVES.keys()))),
        noun=bool(nouns),
        adjective=best in _ADJECTIVES,
        genitive=best in _NOUNS and first.tag.case in ("gent", "gen2"),
        fixed="Fixd" in first.tag,
        closed=best in _CLOSED,
        verb=best in ("VERB", "INFN", "GRND"),
    )


def is_singular(word: str) -> bool:
    """Whether a word for a unit stands for one of it: `щепотка`, but not `щепотки`."""
    if not _RUSSIAN.fullmatch(word):
        return not word.endswith("s") or word.endswith("ss")
    tags = (found.tag for found in _parser()(word))
    return any(tag.number == "sing" and tag.case != "gent" for tag in tags)


@cache
def _parser() -> Callable[[str], Any]:
    import pymorphy3  # noqa: PLC0415 - only texts need it

    parse: Callable[[str], Any] = pymorphy3.MorphAnalyzer(lang="ru").parse
    return parse


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer  # noqa: PLC0415 - only texts need it

    stem: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
    return stem
