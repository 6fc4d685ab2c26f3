"""The extraction of ingredients from a text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from suggester.extraction.amounts import assign, find_amounts
from suggester.extraction.groups import GroupNames
from suggester.extraction.lexicon import is_intolerance, words
from suggester.extraction.morphology import analyse
from suggester.extraction.names import Names
from suggester.extraction.negation import find_negated
from suggester.extraction.phrases import find_phrases
from suggester.extraction.results import Contradiction, Extraction, Found, Unknown
from suggester.extraction.text import fold, tokenise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.text import Phrase, Token
    from suggester.vocabulary import Vocabulary

# What separates the items of a list.
_SEPARATORS: Final = frozenset(",;:.•*+&/\n")
_AND: Final = frozenset(("and", "or", "и", "или"))
_ADDING: Final = words("with add some of plus extra top sprinkl с со добавить посыпать")
_LONGEST_ITEM: Final = 4  # words
TEXTS: Final = 1000  # in the largest batch; the longest ones take 23 MB


class Extractor:
    """Finds the ingredients of a vocabulary in texts, in English and Russian."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._names = Names(vocabulary)
        self._groups = GroupNames(vocabulary.groups)
        self._members = vocabulary.groups
        # The kinds of a task, or of a line, read the same text one after another.
        self._read = lru_cache(TEXTS)(self._extract)

    def extract(self, text: str) -> Extraction:
        """Return the ingredients of a text, and what looks like one and was not understood."""
        return self._read(text)

    def _extract(self, text: str) -> Extraction:
        folded = fold(text)
        tokens = tokenise(folded.text)
        amounts = list(find_amounts(folded.text))
        phrases = [
            phrase._replace(groups=self._find_groups(phrase, tokens))
            for phrase in find_phrases(tokens, self._names, amounts)
        ]
        spans = [(tokens[p.first].start, tokens[p.last - 1].end) for p in phrases]
        known = [phrase.ingredient is not None for phrase in phrases]
        assigned = assign(folded.text, amounts, spans, known)
        negated = find_negated(tokens, phrases)
        found: list[Found] = []
        excluded: list[Found] = []
        unknown: list[Unknown] = []
        unknown_excluded: list[Unknown] = []
        for at, phrase in enumerate(phrases):
            start, end = folded.span(*spans[at])
            amount = assigned.get(at)
            is_negated = phrase in negated
            groups = phrase.groups if is_negated else ()
            if phrase.ingredient is not None:
                quantity, unit = (amount.quantity, amount.unit) if amount else (None, None)
                where = excluded if is_negated else found
                where.append(Found(phrase.ingredient, start, end, quantity, unit))
            elif not groups:
                is_listed = amount or phrase.compound or _is_item(tokens, phrase)
                is_left = phrase.groups and not is_listed  # nuts are not for me
                is_unclear = is_negated or (is_left and not _is_added(tokens, phrase))
                if is_listed or is_unclear:
                    unknown.append(Unknown(start, end, text[start:end]))
                if is_unclear:
                    unknown_excluded.append(unknown[-1])
            excluded += [Found(group, start, end) for group in groups]
        against = self._find_contradictions(found, excluded, text)
        contradicted = {each.found for each in against}
        return Extraction(
            tuple(each for each in found if each not in contradicted),
            tuple(excluded),
            tuple(unknown),
            tuple(unknown_excluded),
            tuple(against),
        )

    def _find_contradictions(
        self, found: Sequence[Found], excluded: Sequence[Found], text: str
    ) -> list[Contradiction]:
        """Return what a text names and excludes by a group, but not by its own name."""
        names = dict.fromkeys(each.ingredient for each in excluded)
        groups = [name for name in names if name in self._members]
        return [
            Contradiction(each, group, text[each.start : each.end])
            for each in found
            if each.ingredient not in names
            for group in groups
            if each.ingredient in self._members[group]
        ]

    def _find_groups(self, phrase: Phrase, tokens: Sequence[Token]) -> tuple[str, ...]:
        words = (token.text for token in tokens[phrase.first : phrase.last])
        return self._groups.find([w for w in words if not is_intolerance(w) and w != "non"])


def _is_added(tokens: Sequence[Token], phrase: Phrase) -> bool:
    """Whether the word before a phrase adds it to a drink: with nuts."""
    return not _ADDING.isdisjoint(analyse(tokens[phrase.first - 1].text).keys)


def _is_item(tokens: Sequence[Token], phrase: Phrase) -> bool:
    """Whether a phrase is an item of a list, or a line, with no words beside it."""
    if phrase.last - phrase.first > _LONGEST_ITEM:
        return False
    starts = _separates(tokens[phrase.first].gap) or tokens[phrase.first - 1].text in _AND
    if phrase.last == len(tokens):
        return starts
    after = tokens[phrase.last]
    return starts and (_separates(after.gap) or after.text in _AND)


def _separates(gap: str) -> bool:
    return not _SEPARATORS.isdisjoint(gap) or gap == " - "
