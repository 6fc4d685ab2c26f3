"""A question to the model and its answer, in ids of the vocabulary."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

from suggester.errors import RequestInvalid

SEPARATOR: Final = ";"  # between names in a text
MAX_NAME: Final = 64  # letters
MAX_INGREDIENTS: Final = 32
MAX_FILTER: Final = 500  # names that are excluded, or that alone are allowed
MAX_TOP_K: Final = 20


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of what JSON says: for `json.loads`, which else keeps the last of two.

    Raises:
        ValueError: a field stands twice, and one of them may exclude an allergy.
    """
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("A field stands twice in one object.")
    return fields


@dataclass(frozen=True, slots=True)
class Request:
    """A half-built drink and what is asked of it.

    Attributes:
        ingredients: what is in the drink.
        kind: the name of an entry in `suggester.kinds.KINDS`.
        top_k: how many suggestions to return, for the kind `next`.
        length: how many names the finished drink has, for the kind `complete`.
        exclude: what must not be suggested.
        only: what may be suggested; None for everything.
    """

    ingredients: tuple[str, ...] = ()
    kind: str = "next"
    top_k: int = 5
    length: int = 5
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the request as what JSON can hold, without the fields that have their default."""
        defaults = asdict(Request())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Request:
        """Read what `to_json` wrote.

        Raises:
            RequestInvalid: a field is unknown or of the wrong type.
        """
        try:
            request = cls(**{name: _frozen(value) for name, value in fields.items()})
            names = (*request.ingredients, *request.exclude, *(request.only or ()))
            well_typed = all(isinstance(name, str) for name in (request.kind, *names))
            counts = (request.top_k, request.length)
        except TypeError as error:
            raise RequestInvalid("The input has fields that this version cannot read.") from error
        if not well_typed or not all(type(count) is int and count > 0 for count in counts):
            raise RequestInvalid("The input has values of the wrong type.")
        return request


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Suggestion(NamedTuple):
    """An ingredient's id and its probability among all that were allowed."""

    ingredient: str
    probability: float


class Answer(NamedTuple):
    """What to add to the drink, first things first.

    Attributes:
        added: the ids to add: one for `next`, as many as were asked for with `complete`.
        suggestions: `next`: the best ones, best first; `complete`: each one that was added, with
            its probability at that step.
    """

    added: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the answer as what JSON can hold."""
        return {
            "added": self.added,
            "suggestions": [
                {"ingredient": ingredient, "probability": probability}
                for ingredient, probability in self.suggestions
            ],
        }
