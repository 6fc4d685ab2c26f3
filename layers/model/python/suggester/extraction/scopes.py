"""The phrases that follow a negation and belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from suggester.extraction.cues import find_cue
from suggester.extraction.lexicon import (
    ABBREVIATIONS,
    ALTERNATIVES,
    ENDS,
    ENDS_OF_INTOLERANCE,
    FOLLOWING,
    GOES_ON,
    JOINS,
    is_intolerance,
    is_quality,
)
from suggester.extraction.morphology import analyse, is_russian, keys_of
from suggester.units import find_unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from suggester.extraction.text import Phrase, Token

_MARK: Final = re.compile(r"[;!?]|(?<!\.)\.(?!\.)(?:\s|$)")
_COMMA: Final = re.compile(r"[,;()]")
_BLANK_LINE: Final = re.compile(r"\n *\n")
_MOST_WORDS: Final = 4  # between a cue and the first name


class _Item(NamedTuple):
    """A phrase in a negation, and whether a comma separates it from the phrase before."""

    phrase: Phrase
    separate: bool


class Scopes:
    """Finds the phrases that negations exclude, from the first negation of a text to the last.

    Attributes:
        strict_end: the index of the first word after the last strict scope.
    """

    def __init__(self, tokens: Sequence[Token], phrases: Sequence[Phrase]) -> None:
        self._tokens = tokens
        self._by_place = {at: each for each in phrases for at in range(each.first, each.last)}
        self.strict_end = 0
        self._next_cue, self._has_group = 0, False  # where the last clause ends, and what it has

    def strict(self, start: int) -> set[Phrase]:
        """Return the phrases up to the end of the sentence, whatever separates them."""
        tokens, depth = self._tokens, 0
        found: set[Phrase] = set()
        if start == len(tokens) or self._is_cut_off(start):
            return found
        in_list = ":" in tokens[start].gap
        for at in range(start, len(tokens)):
            gap = tokens[at].gap
            if at > start and self._ends_sentence(at, in_list=in_list):
                break
            in_list = in_list or ":" in gap
            depth += gap.count("(") - gap.count(")") * (not tokens[at - 1].text.isdigit())
            if depth < 0:
                break
            self.strict_end = at + 1
            is_cue = is_intolerance(tokens[at].text) and find_cue(at, tokens).length > 1
            if at in self._by_place and not is_cue:
                found.add(self._by_place[at])
        return found

    def joined(self, start: int) -> set[Phrase]:
        """Return the phrases of a list that goes on: an egg allergy, and also milk."""
        at = start
        while at < len(self._tokens) and self._tokens[at].text in JOINS:
            at += 1
        goes_on = start < at and at in self._by_place and not _MARK.search(self._tokens[start].gap)
        return self.strict(at) if goes_on else set()

    def sentence_before(self, end: int) -> set[Phrase]:
        """Return the phrases from the start of a sentence: eggs are my allergy."""
        found: set[Phrase] = set()
        for at in range(end, 0, -1):
            if "\n" in self._tokens[at].gap or _MARK.search(self._tokens[at].gap):
                break
            if at - 1 in self._by_place:
                found.add(self._by_place[at - 1])
        return found

    def _is_cut_off(self, start: int) -> bool:
        """Whether nothing belongs to a negation: ice: do not add, milk."""
        gap = self._tokens[start].gap
        before = self._tokens[start - 1].text
        return bool(_MARK.search(gap)) or ("," in gap and not is_intolerance(before))

    def _ends_sentence(self, at: int, *, in_list: bool) -> bool:
        """Whether a sentence, or the list that a colon opens, ends in front of a word."""
        tokens = self._tokens
        token, before = tokens[at], tokens[at - 1].text
        if self._is_word(at, ENDS_OF_INTOLERANCE):
            return True
        if "\n" in token.gap and self._ends_line(at):
            return True
        mark = _MARK.search(token.gap)
        if not mark:
            return False
        if mark[0] == ";":
            phrase = self._by_place.get(at)
            return not (in_list or (phrase and phrase.groups))
        return not (before in ABBREVIATIONS or len(before) == 1 or before.isdigit())

    def _ends_line(self, at: int) -> bool:
        """Whether a negation ends with the line before a word."""
        token, before = self._tokens[at], self._tokens[at - 1].text
        if before in ALTERNATIVES or "," in token.gap or ":" in token.gap:
            return False
        after = self._tokens[at + 1].gap if at + 1 < len(self._tokens) else ""
        is_amount = token.text.isdigit() and after[:1] not in (".", ")")  # 1. nuts
        return _BLANK_LINE.search(token.gap) is not None or is_amount

    def _is_word(self, at: int, words: AbstractSet[str]) -> bool:
        """Whether a word is one of those that end a negation: but, and not: but also."""
        token = self._tokens[at]
        if words.isdisjoint(keys_of(token.text)):
            return False
        goes_on = at + 1 < len(self._tokens) and self._tokens[at + 1].text in GOES_ON
        return not goes_on and not find_cue(at - 1, self._tokens).length

    def clause(self, cue: int, start: int) -> set[Phrase]:
        """Return the phrases up to the end of a clause, or of the list that the clause begins.

        A list of negations may be one of allergies: no nuts, no banana, eggs.
        """
        has_group = self._has_group and self._next_cue == cue
        if re.search(r"[,.;!?)]", self._tokens[start].gap):
            return set()
        items: list[_Item] = []
        at, others, separate = start, 0, False
        self._next_cue = 0
        while at < len(self._tokens) and others <= _MOST_WORDS:
            if at > start and self._ends_clause(at, items):
                break
            if at > start and at not in self._by_place and find_cue(at, self._tokens).length:
                self._next_cue = at
                break
            if at > start and ":" in self._tokens[at].gap:
                return {item.phrase for item in items} | self.strict(at)  # without these: nuts
            separate = separate or (at > start and bool(_COMMA.search(self._tokens[at].gap)))
            if phrase := self._by_place.get(at):
                items.append(_Item(phrase, separate))
                at, others, separate = phrase.last, 0, False
            else:
                others += not is_quality(self._tokens[at].text)
                at += 1
        listed = {item.phrase for item in items[: self._count_listed(items, has_group=has_group)]}
        self._has_group = has_group or any(phrase.groups for phrase in listed)
        return listed

    def _ends_clause(self, at: int, items: Sequence[_Item]) -> bool:
        token = self._tokens[at]
        if "\n" in token.gap and not self._is_wrapped(at):
            return True
        if re.search(r"[.!?]", token.gap) or self._is_word(at, ENDS):
            return True
        if token.text[0].isdigit() or (":" in token.gap and not self._opens_list(items)):
            return True
        return find_unit(token.text) is not None if items else "," in token.gap

    def _opens_list(self, items: Sequence[_Item]) -> bool:
        """Whether a colon after some phrases opens a list: without the following."""
        places = (at for item in items for at in range(item.phrase.first, item.phrase.last))
        return all(not FOLLOWING.isdisjoint(analyse(self._tokens[at].text).keys) for at in places)

    def _is_wrapped(self, at: int) -> bool:
        """Whether a clause goes on in the next line."""
        words = {self._tokens[at - 1].text, self._tokens[at].text}
        return "," in self._tokens[at].gap or not ALTERNATIVES.isdisjoint(words)

    def _count_listed(self, items: Sequence[_Item], *, has_group: bool) -> int:
        """Return how many phrases are in a list that is negated as a whole: no milk, sugar or ice.

        A group may be an allergy, and so may what is not understood. Then the list goes on up to
        the last group.
        """
        count = 0
        for number, (phrase, separate) in enumerate(items):
            if separate and not self._continues(phrase, has_group=has_group):
                break
            count = number + 1
            has_group = has_group or bool(phrase.groups) or phrase.ingredient is None
        for number, (phrase, _) in enumerate(items[count:], count + 1):
            if phrase.groups and (has_group or phrase.ingredient is None):
                count = number
        return count

    def _continues(self, phrase: Phrase, *, has_group: bool) -> bool:
        """Whether a phrase behind a comma is in the list, too."""
        tokens, first, last = self._tokens, phrase.first, phrase.last
        if tokens[first - 1].text in ALTERNATIVES:
            return True
        if phrase.ingredient is None and has_group:
            return last == len(tokens) or not tokens[last].follows
        if is_russian(tokens[first].text):
            return analyse(tokens[first].text).genitive
        return last < len(tokens) and tokens[last].text in ("or", "nor")
