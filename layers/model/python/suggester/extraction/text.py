"""A text in the form in which it is read, with the place of each character in the original."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from suggester.names import normalise

# A character with its accents and the invisible characters after it.
_CLUSTER: Final = re.compile(r"[^\W_][\u0300-\u036f\u00ad\u200b-\u200d\u2060]*|.", re.DOTALL)
_STRESS: Final = re.compile("[\u0300\u0301]")  # of Russian vowels, which have no such letters
_SIMPLE: Final = re.compile(r"[\u0000-_a-\u007f\u0410-\u044f\u0401\u0451\u2013\u2014]*")
_SIMPLIFIED: Final = str.maketrans({"ё": "е", "\t": " ", "\r": "\n", "\u2013": "-", "\u2014": "-"})
_WORD: Final = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[%&]")


class Folded(NamedTuple):
    """A text in the form of `normalise`, but with its spaces, and without the letter yo.

    Attributes:
        text: the folded text.
        places: the start in the original of each character; None if the places are the same.
        length: the number of characters of the original.
    """

    text: str
    places: list[int] | None
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a part of the folded text, which is not empty."""
        if self.places is None:
            return start, end
        last = self.places[end - 1]
        after = (place for place in self.places[end:] if place > last)
        return self.places[start], next(after, self.length)


def fold(text: str) -> Folded:
    """Return the text in its folded form."""
    if _SIMPLE.fullmatch(text):
        lower = text.casefold()
        return Folded(lower.translate(_SIMPLIFIED), None, len(text))
    parts: list[str] = []
    places: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        part = _fold_cluster(cluster[0])
        if len(part) > 1 and parts and parts[-1].isdigit():
            part = " " + part  # 1½
        parts.append(part)
        places += [cluster.start()] * len(part)
    return Folded("".join(parts), places, len(text))


def _fold_cluster(cluster: str) -> str:
    if cluster.isspace():
        return "\n" if cluster in "\n\r\v\f\x85\u2028\u2029" else " "
    return _STRESS.sub("", normalise(cluster)).translate(_SIMPLIFIED)


class Token(NamedTuple):
    """A word or number of the folded text.

    Attributes:
        text: the word.
        start: the position of its first character in the folded text.
        end: the position after its last character.
        gap: the characters between the word before and this one.
    """

    text: str
    start: int
    end: int
    gap: str

    @property
    def follows(self) -> bool:
        """Whether nothing but a space or a hyphen separates it from the word before."""
        return self.gap in _JOINTS


class Phrase(NamedTuple):
    """Words that stand together, from `first` to the one before `last`.

    Attributes:
        first: the index of the first word.
        last: the index after the last word.
        ingredient: the id; None if the phrase is not understood.
        compound: whether the phrase has the name of an ingredient in it, but names another thing.
        groups: the allergen groups that have this name.
    """

    first: int
    last: int
    ingredient: str | None = None
    compound: bool = False
    groups: tuple[str, ...] = ()


_JOINTS: Final = frozenset(("", " ", "  ", "-", "' "))  # goats' milk


def tokenise(text: str) -> list[Token]:
    """Return the words and numbers of a folded text."""
    spans = [(0, 0), *(found.span() for found in _WORD.finditer(text))]
    tokens = [
        Token(text[start:end].replace("&", "and"), start, end, text[before:start])
        for (_, before), (start, end) in pairwise(spans)
    ]
    if tokens:
        tokens[0] = tokens[0]._replace(gap="\n")
    return tokens
