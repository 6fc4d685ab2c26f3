"""Statements about a person: diets, and foods that make somebody ill.

The name of a diet excludes groups. A word of harm excludes the names before it in its sentence, as
in `milk and eggs make me sick`, and the names behind it. If no word joins it with the latter, as
`from` does in `I get sick from milk`, it is not clear which ingredients are meant.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

from suggester.extraction.harms import has_cause_behind, is_harm
from suggester.extraction.lexicon import ENDS_OF_INTOLERANCE, is_free_of, is_link, words
from suggester.extraction.morphology import CACHED_WORDS, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.extraction.text import Phrase, Token

_VEGETARIAN: Final = ("fish", "gelatine")
_VEGAN: Final = ("dairy", "egg", "honey", *_VEGETARIAN)
_LENTEN: Final = ("dairy", "egg", *_VEGETARIAN)
# The groups that a diet excludes; none if the groups do not tell.
_DIETS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("vegan", "plant-based", "веган", "веганка", "веганский"), _VEGAN),
    **dict.fromkeys(("vegetarian", "вегетарианец", "вегетарианка"), _VEGETARIAN),
    "вегетарианский": _VEGETARIAN,
    "постный": _LENTEN,
    **dict.fromkeys(("halal", "халяль", "халяльный"), ("alcohol", "gelatine")),
    **dict.fromkeys(("kosher", "кошерный", "fodmap"), ()),
    **dict.fromkeys(("diabet", "диабет", "диабетик", "диабетический"), ()),
}
# Foods whose name may begin with that of a diet: vegan cheese.
_SUBSTITUTED: Final = words(
    "milk cream cheese butter yogurt yoghurt kefir egg eggs honey gelatin marshmallow salt spread",
    "молоко сливки сыр масло йогурт кефир яйцо мед желатин мороженое сметана творог",
)
_LONGEST_NAME: Final = 3  # words of such a food
_ENDS: Final = ENDS_OF_INTOLERANCE | words(
    "so then make want instead please like поэтому хотеть сделать дать пожалуйста",
)
_MARK: Final = re.compile(r"[!?]|\.(?:\s|$)|\n *\n")
_NEW_LINE: Final = re.compile(rf"\n|{_MARK.pattern}")
_NEW_PART: Final = re.compile(rf";|{_NEW_LINE.pattern}")


@lru_cache(CACHED_WORDS)
def _find_diet(word: str) -> str | None:
    return next(iter(_DIETS.keys() & keys_of(word)), None)


def groups_of_diet(words: Sequence[str]) -> Sequence[str] | None:
    """Return the groups that a diet excludes, without their prefix; None if it is no diet."""
    if len(words) == 1:
        diet = _find_diet(words[0])
        return None if diet is None else _DIETS[diet]
    return _DIETS.get("-".join(words))


def count_words(at: int, tokens: Sequence[Token]) -> int:
    """Return how many words a statement has that begins at a word; 0 if there is none."""
    after = at + 1
    if tokens[at].text == "plant" and after < len(tokens) and is_diet(after, tokens):
        return 2 * is_statement(after, tokens)
    return int(is_statement(at, tokens))


def is_diet(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word is the name of a diet, or the end of one."""
    if tokens[at].text == "based" and tokens[at].follows:
        return tokens[at - 1].text == "plant"
    return _find_diet(tokens[at].text) is not None


def is_statement(at: int, tokens: Sequence[Token]) -> bool:
    """Whether a word is a statement, or the end of one."""
    if is_diet(at, tokens):
        return not _is_substitute(at + 1, tokens)
    return is_harm(at, tokens) or (is_free_of(tokens[at].text) and tokens[at].text != "non")


def _is_substitute(at: int, tokens: Sequence[Token]) -> bool:
    """Whether the words behind a diet are the name of a food that it replaces: whipped cream."""
    end = at
    while end < len(tokens) and tokens[end].follows and not is_link(tokens[end].text):
        end += 1
        if end - at > _LONGEST_NAME:
            return False
    return at < end and not _SUBSTITUTED.isdisjoint(keys_of(tokens[end - 1].text))


def find_harmful(tokens: Sequence[Token], phrases: Sequence[Phrase]) -> set[Phrase]:
    """Return the names in sentences of harm, and words of harm whose cause is not clear.

    A semicolon separates the names of allergens only in a list: nuts; eggs make me sick.
    """
    harms = {phrase for phrase in phrases if _is_harm(phrase, tokens)}
    lines, parts = _number(tokens, _NEW_LINE), _number(tokens, _NEW_PART)
    found: set[Phrase] = set()
    before: list[Phrase] = []
    for number, group in groupby(phrases, key=lambda phrase: lines[phrase.first]):
        line = list(group)
        near = {parts[phrase.first] for phrase in line if phrase in harms}
        if near:
            start = bisect_left(lines, number)
            names = [each for each in line if each.groups or parts[each.first] in near]
            first = next(at for at, phrase in enumerate(names) if phrase in harms)
            is_wrapped = not first and not _MARK.search(tokens[start].gap)
            names_before = before if is_wrapped else names[:first]
            found |= _find_names(names_before, names[first:], harms, tokens)
        before = line
    return found


def _number(tokens: Sequence[Token], mark: re.Pattern[str]) -> list[int]:
    """Return the number of the part of a text that each word is in, with marks between parts."""
    return list(accumulate(mark.search(token.gap) is not None for token in tokens))


def _is_harm(phrase: Phrase, tokens: Sequence[Token]) -> bool:
    return phrase.last == phrase.first + 1 and is_harm(phrase.first, tokens)


def _find_names(
    before: list[Phrase], line: list[Phrase], harms: set[Phrase], tokens: Sequence[Token]
) -> set[Phrase]:
    """Return the names before a word of harm and behind it, and the word if neither is clear.

    Args:
        before: the names before the first word of harm.
        line: the rest of the line, with the first word of harm.
        harms: the words of harm in the text.
        tokens: the words of the text.
    """
    own = harms.intersection(line)
    last = max(phrase.last for phrase in own)
    end = last
    while end < line[-1].last and _ENDS.isdisjoint(keys_of(tokens[end].text)):
        end += 1
    is_joined = has_cause_behind(last, tokens)
    after = {
        phrase
        for phrase in line
        if phrase not in own
        and phrase.first < end
        and (is_joined or phrase.ingredient or phrase.groups)
    }
    is_unclear = after and not before and not is_joined
    return {*before, *after} | (own if is_unclear else set())
