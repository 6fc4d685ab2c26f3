"""The ingredients that a text excludes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from suggester.extraction.lexicon import (
    ALTERNATIVES,
    CUE_PAIRS,
    CUES,
    DENIALS,
    ENDS,
    NO_NEGATION,
    NOTS,
    is_adding,
    is_free_of,
    is_intolerance,
    is_quality,
    is_verb,
)
from suggester.extraction.morphology import analyse, is_russian
from suggester.units import find_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.text import Phrase, Token

_PERIOD: Final = re.compile(r"[.;:!?\n()]")
_STOP: Final = re.compile(r"[,.;!?]")
_ANSWERS: Final = (":", "?", "-", "=")
_MOST_WORDS: Final = 4  # between a cue and the first name


def find_negated(tokens: Sequence[Token], phrases: Sequence[Phrase]) -> set[Phrase]:
    """Return the phrases that are excluded."""
    by_place = {at: phrase for phrase in phrases for at in range(phrase.first, phrase.last)}
    negated = {phrase for phrase in phrases if _denied_after(phrase.last, tokens)}
    cues: set[int] = set()
    for at in range(len(tokens)):
        phrase = by_place.get(at)
        is_known = phrase is not None and phrase.ingredient is not None
        if not is_known and (length := _cue(at, tokens)):
            cues.update(range(at, at + length))
            negated |= _scope(at + length, tokens, by_place)
    return negated | {phrase for phrase in phrases if _excludes(phrase, tokens, cues)}


def _keys(word: str) -> frozenset[str]:
    return analyse(word).keys | {word}


def _cue(at: int, tokens: Sequence[Token]) -> int:
    """Return the number of words of a negation, or 0."""
    if at + 1 == len(tokens) or not tokens[at + 1].follows:
        return 0
    word, after = tokens[at].text, tokens[at + 1].text
    if (word, after) in CUE_PAIRS:
        return 2
    if word not in NOTS:
        return 0 if CUES.isdisjoint(_keys(word)) else 1
    if is_adding(after):
        return 2
    return 1 if NO_NEGATION.isdisjoint(_keys(after)) and not is_verb(after) else 0


def _scope(start: int, tokens: Sequence[Token], by_place: dict[int, Phrase]) -> set[Phrase]:
    """Return the phrases that follow a negation."""
    found: set[Phrase] = set()
    at, others = start, 0
    if start < len(tokens) and _STOP.search(tokens[start].gap):
        return found  # ice: do not add, milk
    while at < len(tokens) and (at == start or not _ends(at, tokens, by_place, is_first=not found)):
        if phrase := by_place.get(at):
            found.add(phrase)
            at, others = phrase.last, 0
            continue
        if at > start and _cue(at, tokens):
            break  # it has its own scope
        others += not is_quality(tokens[at].text)
        if others > _MOST_WORDS:
            break
        at += 1
    return found


def _ends(at: int, tokens: Sequence[Token], by_place: dict[int, Phrase], *, is_first: bool) -> bool:
    """Whether a negation ends in front of a word."""
    token = tokens[at]
    if _PERIOD.search(token.gap) or not ENDS.isdisjoint(_keys(token.text)):
        return True
    if token.text[0].isdigit() or (not is_first and find_unit(token.text)):
        return True
    return "," in token.gap and (is_first or not _continues(at, tokens, by_place))


def _continues(at: int, tokens: Sequence[Token], by_place: dict[int, Phrase]) -> bool:
    """Whether a comma is one of a list that is negated as a whole: no milk, sugar or ice."""
    if tokens[at].text in ALTERNATIVES:
        return True
    phrase = by_place.get(at)
    if not phrase:
        return False
    if phrase.groups and phrase.ingredient is None:
        return True  # no gluten, dairy, nuts
    if is_russian(tokens[at].text):
        return analyse(tokens[at].text).genitive
    return phrase.last < len(tokens) and tokens[phrase.last].text in ("or", "nor")


def _excludes(phrase: Phrase, tokens: Sequence[Token], cues: set[int]) -> bool:
    """Whether a phrase itself says that something is excluded: nut allergy, безлактозный."""
    return phrase.ingredient is None and any(
        at not in cues and (is_intolerance(tokens[at].text) or is_free_of(tokens[at].text))
        for at in range(phrase.first, phrase.last)
    )


def _denied_after(last: int, tokens: Sequence[Token]) -> bool:
    """Whether words behind a name exclude it: sugar-free, or ice: no."""
    if last == len(tokens):
        return False
    word, after = tokens[last], tokens[last + 1] if last + 1 < len(tokens) else None
    goes_on = after is not None and after.follows
    if word.text in DENIALS and not goes_on:
        return word.follows or word.gap.strip() in _ANSWERS
    if not word.follows:
        return False
    return word.text == "free" or (
        word.text in ("не", "нельзя") and goes_on and after is not None and is_adding(after.text)
    )
