"""The reason for a suggestion."""

from __future__ import annotations

from typing import Any, NamedTuple

from suggester.known_drinks import DrinkName  # noqa: TC001 - NamedTuple keeps annotations


class Because(NamedTuple):
    """The reason for a suggestion.

    Attributes:
        share: the suggestion's share of the vote on all ingredients that could be suggested, from
            0 to 1; 0 if no known drink has a vote on one of them.
        drinks: the names of up to three known drinks that contain the suggestion: those with the
            most weight in the vote, which are most similar to the drink.
    """

    share: float
    drinks: tuple[tuple[DrinkName, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the reason as a JSON object."""
        drinks = [{"names": [name.to_json() for name in names]} for names in self.drinks]
        return {"share": self.share, "drinks": drinks}
