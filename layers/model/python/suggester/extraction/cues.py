"""The words of a text with which a negation begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from suggester.extraction.lexicon import (
    CUE_PAIRS,
    CUES,
    DENIALS,
    EATING,
    FREE,
    MUST,
    MUST_NOTS,
    NO_NEGATION,
    NOTS,
    TO,
    is_adding,
    is_intolerance,
    is_verb,
    words,
)
from suggester.extraction.morphology import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.text import Token

_STOP: Final = re.compile(r"[,.;!?)]|\n *\n")
_LIST: Final = re.compile(r"[:(=]| - ")  # avoid: nuts
_NONE: Final = words("no without zero нет без никаких")
_BREAK: Final = re.compile(r" *-? *\n? *")


class Cue(NamedTuple):
    """The first words of a negation.

    Attributes:
        length: the number of words; 0 if there is no negation.
        strict: whether all that follows in the sentence is excluded, since it may be a list of
            allergies. Otherwise a comma may end the negation.
    """

    length: int = 0
    strict: bool = False


NO_CUE: Final = Cue()


def find_cue(at: int, tokens: Sequence[Token]) -> Cue:
    """Return the negation that begins at a word."""
    cue = _read(at, tokens)
    end = at + cue.length
    gap = tokens[end].gap if end < len(tokens) else "."
    if _STOP.search(gap) and names_intolerance(at, tokens):
        return Cue(1, strict=True)  # eggs, which I am allergic to
    if not cue.length or _STOP.search(gap):
        return NO_CUE
    return cue._replace(strict=cue.strict or _LIST.search(gap) is not None)


def names_intolerance(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word says that somebody does not tolerate something: but not `no allergies`."""
    if not is_intolerance(tokens[at].text):
        return False
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if after and (":" in after.gap or after.text in TO):
        return True
    return not at or tokens[at - 1].text not in _NONE or not tokens[at].follows


def _read(at: int, tokens: Sequence[Token]) -> Cue:
    word = tokens[at].text
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    joined = after is not None and _BREAK.fullmatch(after.gap) is not None
    pair = (word, after.text) if after and joined else (word, "")
    if after and (word, after.gap, after.text) == ("w", "/", "o"):
        return Cue(2)
    if names_intolerance(at, tokens):
        return Cue(2 if pair[1] in TO else 1, strict=True)
    if pair in FREE or pair in CUE_PAIRS:
        return Cue(2, strict=pair in FREE)
    if after is None or _is_answer(at, tokens) or _is_part(at, tokens):
        return NO_CUE
    if word in NOTS:
        return _read_not(at, tokens) if joined else Cue(1, strict=word in MUST_NOTS)
    return NO_CUE if CUES.isdisjoint(keys_of(word)) else Cue(1)


def _is_part(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a zero belongs to something else: 0.5 l, 2.0 l, 0% fat, cola zero with ice."""
    after = tokens[at + 1]
    is_zero = tokens[at].text in ("0", "zero")
    is_joined = tokens[at].gap in (".", ",", "/") or not after.follows
    return is_zero and (is_joined or after.text in ("%", "with"))


def _read_not(at: int, tokens: Sequence[Token]) -> Cue:
    word, after, before = tokens[at].text, tokens[at + 1].text, tokens[at - 1].text if at else ""
    keys = keys_of(after)
    strict = word in MUST_NOTS or not EATING.isdisjoint(keys) or before in MUST
    if is_adding(after) or not EATING.isdisjoint(keys):
        return Cue(2, strict)
    return Cue(1, strict) if NO_NEGATION.isdisjoint(keys) and not is_verb(after) else NO_CUE


def _is_answer(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word answers for the line before it: ice: no, milk: yes."""
    if not at or tokens[at].text not in DENIALS or tokens[at + 1].follows:
        return False
    return tokens[at].gap.strip() in (":", "-", "=", "") and "\n" not in tokens[at].gap
