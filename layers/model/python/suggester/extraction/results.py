"""The result of an extraction."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """An ingredient in a text, or an allergen group that the text excludes.

    Attributes:
        ingredient: the id, or the name of the group such as `group:nuts`.
        start: the position of its first character in the text.
        end: the position after its last character.
        quantity: the number; the middle of a range. None if the text has none.
        unit: a key of `suggester.units.UNITS`. None if the text has none: 2 eggs.
    """

    ingredient: str
    start: int
    end: int
    quantity: float | None = None
    unit: str | None = None


class Unknown(NamedTuple):
    """A place in a text that looks like an ingredient, and was not understood."""

    start: int
    end: int
    text: str


class Contradiction(NamedTuple):
    """An ingredient that a text names, although it excludes a group with that ingredient.

    Attributes:
        found: the ingredient.
        group: the first such group.
        text: the words of the text that name the ingredient.
    """

    found: Found
    group: str
    text: str


class Extraction(NamedTuple):
    """The ingredients in a text, in order of their positions, which do not overlap.

    Only an excluded ingredient with the name of a group, such as egg, is followed by the group,
    which has the same position.

    An ingredient that is named in two places is in the result twice, each time as the text has
    it. So it can be in `found` and in `negated`; `ingredients` then lacks it, because
    a negation may be an allergy. `unknown_negated` has those of `unknown` that the text excludes,
    or may exclude.
    An ingredient in `contradictory` is in none of the others.
    """

    found: tuple[Found, ...] = ()
    negated: tuple[Found, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    unknown_negated: tuple[Unknown, ...] = ()
    contradictory: tuple[Contradiction, ...] = ()

    @property
    def ingredients(self) -> tuple[str, ...]:
        """The ids that the text names and does not exclude in another place, without repetition."""
        excluded = set(self.excluded)
        return tuple(
            dict.fromkeys(f.ingredient for f in self.found if f.ingredient not in excluded)
        )

    @property
    def excluded(self) -> tuple[str, ...]:
        """The ids and groups that the text excludes, without repetition."""
        return tuple(dict.fromkeys(found.ingredient for found in self.negated))
