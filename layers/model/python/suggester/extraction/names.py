"""The names of a vocabulary, found by the keys of their words.

The words of names are analysed when a text has a word with the same first letter, so that
a short text does not wait for the analysis of all names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from suggester.extraction.lexicon import OTHERS
from suggester.extraction.morphology import analyse
from suggester.extraction.text import fold, tokenise
from suggester.units import find_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from suggester.vocabulary import Ingredient, Vocabulary

GENERIC: Final = 3  # a word that ends so many names, of several ingredients, says little
_ADJECTIVE: Final = re.compile(r"[а-я]+(?:ый|ий|ой|ая|яя|ое|ее|ые|ие)")

Words = tuple[str, ...]


class Name(NamedTuple):
    """A name in words, and the id of the ingredient; None for another thing."""

    words: Words
    ingredient: str | None


class Names:
    """The names of all ingredients."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._unread: dict[str, list[Name]] = defaultdict(list)
        self._by_key: dict[str, list[Name]] = defaultdict(list)
        self._owner: dict[Words, str] = {}
        heads: dict[str, set[Name]] = defaultdict(set)
        for entry in vocabulary.ingredients:
            for words in _forms(entry):
                if words not in self._owner:
                    self._owner[words] = entry.id
                    self._unread[words[0][0]].append(Name(words, entry.id))
                if len(words) > 1:
                    heads[words[-1]].add(Name(words, entry.id))
        for other in OTHERS:
            words = _split(other)
            if words not in self._owner:
                self._unread[words[0][0]].append(Name(words, None))
        self._generic = {
            word
            for word, names in heads.items()
            if len(names) >= GENERIC and len({name.ingredient for name in names}) > 1
        }
        self._generic_keys: frozenset[str] | None = None

    def is_generic(self, word: str) -> bool:
        """Whether a word may name many ingredients, together with another word: milk."""
        if self._generic_keys is None:
            keys = (analyse(generic).keys for generic in self._generic)
            self._generic_keys = frozenset().union(*keys)
        return not self._generic_keys.isdisjoint(analyse(word).keys)

    def matching(self, words: Sequence[str]) -> Iterator[Name]:
        """Yield the names with which the words begin, in any form, longest first."""
        if unread := self._unread.pop(words[0][0], None):
            self._read(unread)
        found: dict[Name, None] = {}
        for key in analyse(words[0]).keys:
            for name in self._by_key.get(key, ()):
                if len(name.words) <= len(words) and _match(name.words, words):
                    found[name] = None
        yield from sorted(found, key=lambda name: -len(name.words))

    def _read(self, names: list[Name]) -> None:
        for name in names:
            for key in analyse(name.words[0]).keys:
                self._by_key[key].append(name)


def _match(name: Words, words: Sequence[str]) -> bool:
    return all(
        mine == theirs or _shares_key(mine, theirs)
        for mine, theirs in zip(name[1:], words[1:], strict=False)
    )


def _forms(entry: Ingredient) -> Iterator[Words]:
    """Yield the names of an ingredient in words, without those that begin with a unit.

    The unit of `pinch of salt` is read as a quantity of salt.
    """
    names = [_split(name) for name in entry.names]
    known = set(names)
    for words in filter(None, names):
        rest = words[2:] if words[1:2] == ("of",) else words[1:]
        if find_unit(words[0]) not in (None, "leaf") and _contains(known, rest):
            continue
        yield words
        if len(words) == 2 and _ADJECTIVE.fullmatch(words[0]):  # noqa: PLR2004 - milk and its adjective
            yield words[::-1]


def _split(name: str) -> Words:
    return tuple(token.text for token in tokenise(fold(name).text))


def _contains(names: set[Words], words: Words) -> bool:
    """Whether the words are one of the names, which may be in the nominative."""
    return words in names or (
        len(words) == 1 and any(len(name) == 1 and _shares_key(name[0], words[0]) for name in names)
    )


def _shares_key(word: str, other: str) -> bool:
    return not analyse(word).keys.isdisjoint(analyse(other).keys)
