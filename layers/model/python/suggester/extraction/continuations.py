"""Names that go on with a negation before them: яиц нельзя, молока тоже."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from suggester.extraction.lexicon import (
    ALLOWED,
    BETWEEN,
    COPULAS,
    DENIALS,
    EATING,
    FORBIDDEN,
    JOINS,
    NOTS,
    THANKS,
    is_adding,
    words,
)
from suggester.extraction.morphology import analyse, is_russian, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from suggester.extraction.text import Phrase, Token

_TOO: Final = words("too also either neither тоже также")
_DENIALS: Final = DENIALS | NOTS
_PLAIN: Final = _DENIALS | COPULAS | BETWEEN | THANKS | _TOO
_KEYS: Final = ALLOWED | EATING | FORBIDDEN


def find_continued(
    tokens: Sequence[Token], phrases: Sequence[Phrase], negated: AbstractSet[Phrase]
) -> set[Phrase]:
    """Return the names up to a word such as `too`, and an allergen that a denial goes on with."""
    found: set[Phrase] = set()
    waiting: list[Phrase] = []
    last: Phrase | None = None  # of the negation
    end = 0  # of the words that belong to it
    for phrase in phrases:
        if phrase in negated:
            waiting, last = [], phrase
        elif last is None or phrase.first > end:
            last = None
            continue
        elif not waiting and _is_denied_with(last, phrase, tokens):
            found.add(phrase)
            last = phrase
        else:
            waiting.append(phrase)
        end = _skip(phrase.last, tokens)
        if any(token.text in _TOO for token in tokens[phrase.last : end]):
            found.update(waiting)
            waiting = []
    return found


def _skip(at: int, tokens: Sequence[Token]) -> int:
    """Return the end of the words from a place that may belong to a negation."""
    while at < len(tokens) and _goes_on(at, tokens):
        at += 1
    return at


def _goes_on(at: int, tokens: Sequence[Token]) -> bool:
    word = tokens[at].text
    if word in _PLAIN or not _KEYS.isdisjoint(keys_of(word)):
        return True
    return is_adding(word) and tokens[at - 1].text in NOTS


def _is_denied_with(last: Phrase, phrase: Phrase, tokens: Sequence[Token]) -> bool:
    """Whether a denial behind a name goes on with another one: яиц нельзя, и молока."""
    between = [token.text for token in tokens[last.last : phrase.first]]
    if not (last.groups and phrase.groups) or _DENIALS.isdisjoint(between):
        return False
    after = tokens[phrase.last] if phrase.last < len(tokens) else None
    if after and (":" in after.gap or (after.follows and after.text not in JOINS)):
        return False
    word = tokens[phrase.first].text
    return not JOINS.isdisjoint(between) or (is_russian(word) and analyse(word).genitive)
