"""The ingredients that a text excludes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from suggester.extraction.continuations import find_continued
from suggester.extraction.cues import NO_CUE, find_cue, names_intolerance
from suggester.extraction.lexicon import (
    ALLOWED,
    BETWEEN,
    COPULAS,
    DENIALS,
    FORBIDDEN,
    JOINS,
    NOTS,
    THANKS,
    is_adding,
    is_free_of,
    is_intolerance,
)
from suggester.extraction.morphology import is_russian, keys_of
from suggester.extraction.scopes import Scopes
from suggester.extraction.statements import find_harmful, is_diet, is_statement
from suggester.units import find_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.text import Phrase, Token

_NEVER: Final = ["ни", "в", "коем", "случае"]
_ANSWERS: Final = ("", ":", "?", "-", "=")
_JOINT: Final = re.compile(r"[\s,;/+'()-]*")  # between the names of a list


def find_negated(tokens: Sequence[Token], phrases: Sequence[Phrase]) -> set[Phrase]:
    """Return the phrases that are excluded."""
    negated, cues = _find_after_cues(tokens, phrases)
    negated |= find_harmful(tokens, phrases)
    by_end = {phrase.last: phrase for phrase in phrases}
    for phrase in phrases:
        strict = _has_intolerance(phrase, tokens, cues)
        if strict or _denied_after(phrase.last, tokens):
            negated |= {phrase, *_names_before(phrase, tokens, by_end, strict=strict)}
        elif _is_free_of(phrase, tokens):
            negated.add(phrase)
    return negated | find_continued(tokens, phrases, negated)


def _find_after_cues(
    tokens: Sequence[Token], phrases: Sequence[Phrase]
) -> tuple[set[Phrase], set[int]]:
    """Return the phrases that follow a negation, and the places of words of intolerance in it."""
    scopes = Scopes(tokens, phrases)
    by_place = {at: phrase for phrase in phrases for at in range(phrase.first, phrase.last)}
    negated: set[Phrase] = set()
    cues: set[int] = set()
    for at in range(len(tokens)):
        phrase = by_place.get(at)
        is_known = phrase is not None and phrase.ingredient is not None
        is_last = phrase is not None and phrase.first < at and _ends_phrase(at, tokens)
        is_alone = phrase is not None and phrase[:2] == (at, at + 1)
        cue = NO_CUE if is_known else find_cue(at, tokens)
        if is_last and cue.length == 1:  # nut allergy
            negated |= scopes.joined(at + 1)
        opens_list = at + 1 < len(tokens) and ":" in tokens[at + 1].gap  # food allergies: nuts
        if not cue.length or (is_last and cue.length == 1 and not opens_list):
            continue
        if cue.length > 1:
            cues.update(range(at, at + cue.length))
        elif is_alone and names_intolerance(at, tokens):
            negated |= scopes.sentence_before(at)
        start = at + cue.length
        if start > scopes.strict_end:
            listed = scopes.strict(start) if cue.strict else scopes.clause(at, start)
            if listed and ":" in tokens[start].gap:
                cues.add(at)  # allergies: nuts
            negated |= listed
    return negated, cues


def _ends_phrase(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word of intolerance follows what it is about: nut allergy."""
    if not names_intolerance(at, tokens):
        return False
    is_free = at + 1 == len(tokens) or not tokens[at + 1].follows
    return is_free or not is_russian(tokens[at].text)  # пищевая непереносимость молока


def _has_intolerance(phrase: Phrase, tokens: Sequence[Token], cues: set[int]) -> bool:
    """Whether a phrase itself says that something must not be in the drink: nut allergy."""
    places = range(phrase.first, phrase.last)
    return phrase.ingredient is None and any(
        at not in cues and names_intolerance(at, tokens) for at in places
    )


def _is_free_of(phrase: Phrase, tokens: Sequence[Token]) -> bool:
    """Whether a word of a phrase says what is excluded: безлактозный, non-dairy, vegan."""
    if phrase.ingredient is not None:
        return False
    words = (token.text for token in tokens[phrase.first : phrase.last])
    last = phrase.last - 1
    return any(map(is_free_of, words)) or (is_diet(last, tokens) and is_statement(last, tokens))


def _names_before(
    phrase: Phrase, tokens: Sequence[Token], by_end: dict[int, Phrase], *, strict: bool
) -> set[Phrase]:
    """Return the names of the list that a phrase ends: a milk, egg and nut allergy."""
    found: set[Phrase] = set()
    has_group, last = bool(phrase.groups), phrase
    if phrase.last - phrase.first > 1 and is_intolerance(tokens[phrase.first].text):
        return found  # непереносимость лактозы
    while last.first:
        at = last.first
        while at and tokens[at - 1].text in BETWEEN and _JOINT.fullmatch(tokens[at].gap):
            at -= 1
        gap = tokens[at].gap
        coordinated = any(token.text in JOINS for token in tokens[at : last.first])
        if at < last.first and not coordinated:
            break  # milk, a nut allergy
        separate = not coordinated and not tokens[at].follows
        before = by_end.get(at)
        if not before or not _JOINT.fullmatch(gap) or _has_amount(before, tokens):
            break
        if "\n" in gap and not coordinated and "," not in gap:
            break
        is_list = has_group and before.groups
        if separate and not is_list and (not strict or ";" in gap):
            break
        found.add(before)
        has_group, last = has_group or bool(before.groups), before
    return found


def _has_amount(phrase: Phrase, tokens: Sequence[Token]) -> bool:
    """Whether a phrase has a quantity, as in a recipe."""
    if not phrase.first or not tokens[phrase.first].follows:
        return False
    word = tokens[phrase.first - 1].text
    return word[0].isdigit() or find_unit(word) is not None


def _denied_after(last: int, tokens: Sequence[Token]) -> bool:
    """Whether words behind a name exclude it: sugar-free, ice: no, or nuts are not allowed."""
    if last == len(tokens):
        return False
    at, end = last, len(tokens)
    while at < end - 1 and tokens[at].text in COPULAS and tokens[at + 1].follows:
        at += 1
    word, after = tokens[at], tokens[at + 1] if at + 1 < end else None
    goes_on = after is not None and after.follows and after.text not in THANKS
    if word.text in DENIALS and not goes_on:
        return word.follows or word.gap.strip(" ()") in _ANSWERS
    if tokens[last].gap.strip(" -)"):
        return False
    if word.text == "free" or not FORBIDDEN.isdisjoint(keys_of(word.text)):
        return True
    if word.text not in NOTS or after is None or not goes_on:
        return (word.text == "off" and at > last) or _is_never(at, tokens)  # honey is off limits
    return after.text in ALLOWED or (word.text in ("не", "нельзя") and is_adding(after.text))


def _is_never(at: int, tokens: Sequence[Token]) -> bool:
    """Whether the words at a place are `ни в коем случае`, and nothing follows them."""
    end = at + len(_NEVER)
    is_last = end >= len(tokens) or not tokens[end].follows
    return is_last and [token.text for token in tokens[at:end]] == _NEVER
