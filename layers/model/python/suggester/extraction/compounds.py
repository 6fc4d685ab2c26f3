"""Names inside the name of another thing: soy in soy sauce, milk in pea milk.

English puts the words that tell foods apart in front of the name. Russian has adjectives on both
sides, and nouns in the genitive behind it. So a name belongs to another thing if a word beside it
is neither known nor in the lexicon. In front of a name that is not generic it may stand, because
it is more likely a description: fragrant banana.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.extraction.lexicon import is_link, is_part, is_quality
from suggester.extraction.morphology import analyse, is_russian
from suggester.extraction.statements import is_diet, is_statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.names import Names
    from suggester.extraction.text import Phrase, Token


def find_compounds(tokens: Sequence[Token], found: Sequence[Phrase], names: Names) -> set[Phrase]:
    """Return the names that are parts of the names of other things."""
    by_end = {phrase.last: phrase for phrase in found}
    by_start = {phrase.first: phrase for phrase in found}
    bad: set[Phrase] = set()
    for phrase in found:
        first = _skip_qualities(phrase.first, tokens)
        before = by_end.get(first) if tokens[first].follows else None
        if before and _belong_together(before, phrase, tokens, names):
            bad |= {before, phrase}
        elif (
            not before
            and first
            and tokens[first].follows
            and _changes_from_left(first - 1, phrase, tokens, names)
        ):
            bad.add(phrase)
        at = phrase.last
        is_free = at < len(tokens) and tokens[at].follows and at not in by_start
        if is_free and _changes_from_right(at, phrase, tokens, names):
            bad.add(phrase)
    return bad


def _skip_qualities(first: int, tokens: Sequence[Token]) -> int:
    while first and tokens[first].follows and is_quality(tokens[first - 1].text):
        first -= 1
    return first


def _is_generic(phrase: Phrase, tokens: Sequence[Token], names: Names) -> bool:
    return phrase.last - phrase.first == 1 and names.is_generic(tokens[phrase.first].text)


def _belong_together(before: Phrase, phrase: Phrase, tokens: Sequence[Token], names: Names) -> bool:
    """Whether two names are one: mint tea, масло какао."""
    word = tokens[phrase.first].text
    if not is_russian(word):
        return _is_generic(phrase, tokens, names)
    found = analyse(word)
    return found.genitive or (found.fixed and _is_generic(before, tokens, names))


def _changes_from_left(at: int, phrase: Phrase, tokens: Sequence[Token], names: Names) -> bool:
    """Whether the word in front makes another thing of a name."""
    word, name = tokens[at].text, tokens[phrase.first]
    if is_diet(at, tokens):
        return not is_statement(at, tokens)
    if is_link(word):
        return False
    if name.gap == "-":
        return True
    if not is_russian(name.text):
        return _is_generic(phrase, tokens, names)
    found = analyse(word)
    if found.adjective:
        return _is_generic(phrase, tokens, names)
    return found.noun and analyse(name.text).genitive and not is_part(word)


def _changes_from_right(at: int, phrase: Phrase, tokens: Sequence[Token], names: Names) -> bool:
    """Whether the word behind makes another thing of a name."""
    word = tokens[at].text
    if is_statement(at, tokens) or is_link(word) or is_quality(word) or is_part(word):
        return False
    if tokens[at].gap == "-" or not is_russian(word):
        return True
    found = analyse(word)
    return (found.adjective or found.genitive) and _is_generic(phrase, tokens, names)
