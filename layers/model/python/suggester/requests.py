"""A request to the model and its answer, in ids of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from suggester.errors import DuplicateField, RequestInvalid

if TYPE_CHECKING:
    from suggester.reasons import Because

SEPARATOR: Final = ";"  # between names in a text
MAX_NAME: Final = 64  # characters
MAX_INGREDIENTS: Final = 32
MAX_FILTER: Final = 500  # names in `exclude` or `only`
MAX_TOP_K: Final = 20
MAX_TEXT: Final = 2000  # characters


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these pairs: an `object_pairs_hook` for `json.loads`.

    By default `json.loads` keeps only the last value of a repeated field, and an exclusion that
    is lost may be an allergy.

    Raises:
        DuplicateField: a field occurs twice.
    """
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise DuplicateField
    return fields


@dataclass(frozen=True, slots=True)
class Request:
    """A half-built drink and the options of the request.

    Attributes:
        ingredients: the ids in the drink.
        kind: the name of one of `suggester.kinds.KINDS`.
        top_k: the number of suggestions, for the kind `next`.
        length: the number of ingredients of the finished drink, for the kind `complete`; None
            if the model decides.
        exclude: the ids that must not be suggested, and groups of them such as `group:dairy`.
        only: the ids that may be suggested; None for all.
        novelty: 0 for the usual to 1 for the surprising.
        text: a text with the ingredients, instead of `ingredients`.
        ingredient: the id to replace, for the kind `substitute`.
        because: whether suggestions have reasons, for the kind `next`.
    """

    ingredients: tuple[str, ...] = ()
    kind: str = "next"
    top_k: int = 5
    length: int | None = None
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    novelty: float = 0.0
    text: str | None = None
    ingredient: str | None = None
    because: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the request as a JSON object, without fields that have their default value."""
        values = ((name, getattr(self, name), default) for name, default in _DEFAULTS)
        return {name: value for name, value, default in values if value != default}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Request:
        """Read a request from the output of `to_json`.

        Raises:
            RequestInvalid: a field is unknown or has the wrong type.
        """
        try:
            request = cls(**{name: _frozen(value) for name, value in members.items()})
            names = (*request.ingredients, *request.exclude, *(request.only or ()))
            texts = (request.kind, *names, request.text or "", request.ingredient or "")
            well_typed = all(isinstance(text, str) for text in texts)
            counts = (request.top_k, 1 if request.length is None else request.length)
        except TypeError as error:
            raise RequestInvalid("The input has fields that this version cannot read.") from error
        well_typed &= is_novelty(request.novelty) and isinstance(request.because, bool)
        if not well_typed or not all(type(count) is int and count > 0 for count in counts):
            raise RequestInvalid("A field of the input has the wrong type.")
        return request


_DEFAULTS: Final = tuple((field.name, field.default) for field in fields(Request))
FIELDS: Final = frozenset(name for name, _ in _DEFAULTS)


def is_novelty(value: Any) -> bool:
    """Whether the value is a number from 0 to 1; NaN is not."""
    return type(value) in (int, float) and 0 <= value <= 1


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Suggestion(NamedTuple):
    """The id of an ingredient, and its probability among all allowed ingredients."""

    ingredient: str
    probability: float

    def to_json(self) -> dict[str, Any]:
        """Return the suggestion as a JSON object."""
        return {"ingredient": self.ingredient, "probability": self.probability}


class Answer(NamedTuple):
    """The ingredients to add to a drink.

    Attributes:
        added: the ids to add in order: one for `next`, as many as requested for `complete`.
        suggestions: for `next`, the best ones, best first; for `complete`, each added one with its
            probability at that step.
        reasons: the reason for each suggestion, if the request asks for them.
        understood: what was understood of the text of the request, as a JSON object.
    """

    added: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    reasons: tuple[Because, ...] = ()
    understood: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        suggestions = [suggestion.to_json() for suggestion in self.suggestions]
        for suggestion, reason in zip(suggestions, self.reasons, strict=False):
            suggestion["because"] = reason.to_json()
        understood = {} if self.understood is None else {"understood": self.understood}
        return {"added": self.added, "suggestions": suggestions, **understood}


class Extracted(NamedTuple):
    """What was understood of a text, as a JSON object."""

    members: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        return self.members


class Listing(NamedTuple):
    """An answer that is one list.

    Attributes:
        name: what the list contains, such as `drinks`.
        items: the items, best first, as JSON objects.
        understood: what was understood of the text of the request, as a JSON object.
    """

    name: str
    items: tuple[dict[str, Any], ...]
    understood: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        understood = {} if self.understood is None else {"understood": self.understood}
        return {self.name: list(self.items), **understood}
