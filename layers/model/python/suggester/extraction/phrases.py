"""The names of ingredients in a text, and the phrases that are not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from suggester.extraction.compounds import find_compounds
from suggester.extraction.lexicon import is_link, is_part, is_quality
from suggester.extraction.morphology import analyse
from suggester.extraction.statements import count_words
from suggester.extraction.text import Phrase
from suggester.units import NUMBER_WORDS, find_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from suggester.extraction.amounts import Amount
    from suggester.extraction.names import Name, Names
    from suggester.extraction.text import Token

MAX_WORDS: Final = 6  # in a name
_PRODUCTS: Final = frozenset(("juice", "juic", "zest", "peel", "rind", "сок", "цедра", "корка"))
_SHORTEST: Final = 3  # letters of a phrase


def find_phrases(tokens: Sequence[Token], names: Names, amounts: Sequence[Amount]) -> list[Phrase]:
    """Return the names and the phrases that are not understood, in order."""
    found = list(_find_names(tokens, names))
    bad = find_compounds(tokens, found, names) | {p for p in found if p.ingredient is None}
    good = [_extend(phrase, tokens, names) for phrase in found if phrase not in bad]
    taken = {at for phrase in good for at in range(phrase.first, phrase.last)}
    taken |= set(_find_measured(tokens, amounts))
    rest = _find_unknown(tokens, taken, {at for phrase in bad for at in range(*phrase[:2])})
    return sorted([*good, *rest], key=lambda phrase: phrase.first)


def _find_measured(tokens: Sequence[Token], amounts: Sequence[Amount]) -> Iterator[int]:
    """Yield the indices of the words of quantities."""
    left = iter(amounts)
    amount = next(left, None)
    for at, token in enumerate(tokens):
        while amount and amount.end <= token.start:
            amount = next(left, None)
        if amount and amount.start <= token.start and token.end <= amount.end:
            yield at


def _find_names(tokens: Sequence[Token], names: Names) -> Iterator[Phrase]:
    at = 0
    while at < len(tokens):
        if name := _name_at(at, tokens, names):
            yield Phrase(at, at + len(name.words), name.ingredient)
            at += len(name.words)
        else:
            at += 1


def _name_at(at: int, tokens: Sequence[Token], names: Names) -> Name | None:
    """Return the longest name that begins at a word."""
    end = at + 1
    while end < len(tokens) and tokens[end].follows and end - at < MAX_WORDS:
        end += 1
    words = [token.text for token in tokens[at:end]]
    best = None
    for name in names.matching(words):
        if best and len(name.words) < len(best.words):
            break
        text = tuple(words[: len(name.words)])
        exact = name.words == text
        if not exact and len(text) == 1 and not analyse(text[0]).noun:
            continue
        if best is None or exact != _prefers_form(at, tokens):
            best = name
    return best


def _prefers_form(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word is the genitive of a name rather than another name: a spoon of мака."""
    before = tokens[at - 1].text if at and tokens[at].follows else ""
    is_counted = bool(before) and (before[0].isdigit() or find_unit(before) is not None)
    return is_counted and analyse(tokens[at].text).genitive


def _extend(phrase: Phrase, tokens: Sequence[Token], names: Names) -> Phrase:
    """Return the phrase with its product: the juice of two limes is lime juice."""
    at = phrase.first - 1
    while at >= 0 and tokens[at + 1].follows and _counts(tokens[at].text):
        at -= 1
    if at < 0 or not tokens[at + 1].follows or _PRODUCTS.isdisjoint(analyse(tokens[at].text).keys):
        return phrase
    name = [token.text for token in tokens[phrase.first : phrase.last]]
    for words in ([tokens[at].text, *name], [*name, tokens[at].text]):
        for found in names.matching(words):
            if len(found.words) == len(words):
                return Phrase(at, phrase.last, found.ingredient)
    return phrase


def _counts(word: str) -> bool:
    return word in ("of", "the", "из") or word in NUMBER_WORDS or word[0].isdigit()


def _find_unknown(tokens: Sequence[Token], taken: set[int], inside: set[int]) -> Iterator[Phrase]:
    run: list[int] = []
    after = 0  # the last statement
    for at, token in enumerate(tokens):
        if at < after:
            continue
        if at not in taken and (count := count_words(at, tokens)):
            yield from _trim(run, tokens, inside)
            run, after = [], at + count
            yield Phrase(at, after)
            continue
        is_free = at in inside or not (at in taken or is_link(token.text))
        if run and not (is_free and token.follows and run[-1] == at - 1):
            yield from _trim(run, tokens, inside)
            run = []
        if is_free:
            run.append(at)
    yield from _trim(run, tokens, inside)


def _trim(run: list[int], tokens: Sequence[Token], inside: set[int]) -> Iterator[Phrase]:
    """Yield the phrase of a run of words, without qualities around it, if anything is left."""
    compound = not inside.isdisjoint(run)
    while not compound and run and is_quality(tokens[run[0]].text):
        run = run[1:]
    while run and is_quality(tokens[run[-1]].text):
        run = run[:-1]
    words = [tokens[at].text for at in run]
    if len("".join(words)) >= _SHORTEST and not all(map(is_part, words)):
        yield Phrase(run[0], run[-1] + 1, None, compound)
