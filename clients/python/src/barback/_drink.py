"""A drink and what to suggest for it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


FOREIGN: Final[Mapping[str | Sequence[str], tuple[str, ...]]] = {
    "next": ("length",),
    "complete": ("top_k", "because"),
}


@dataclass(frozen=True, slots=True)
class Drink:
    """A half-built drink. The service chooses a value for each field that is None.

    Args:
        ingredients: names or ids; without any, the service suggests a base.
        kind: `next` suggests the best ingredient to add, `complete` what finishes the drink.
            Several kinds share the fields. The service refuses a field that no kind has.
        top_k: the number of suggestions; the kind `complete` has none.
        length: the number of ingredients in the finished drink, for `complete`. Without it, the
            model decides.
        exclude: names that must not be suggested, such as allergies, and groups of them such as
            `group:dairy`.
        only: the only names that may be suggested.
        priority: `bulk` drinks wait in a queue of their own, behind `interactive` ones.
        deadline_seconds: the task fails if it is not finished by then.
        novelty: 0 for the usual to 1 for the surprising.
        text: a text such as a recipe, instead of `ingredients`.
        because: asks for the reason of each suggestion, for `next`.
        metadata: up to 16 texts of your own, which the result repeats.

    Raises:
        TypeError: `ingredients`, `exclude` or `only` is not a list or tuple of strings, or `kind`
            is neither that nor a string.
        ValueError: `novelty` is not a number from 0 to 1.
    """

    ingredients: Sequence[str] = ()
    kind: str | Sequence[str] | None = None
    top_k: int | None = None
    length: int | None = None
    exclude: Sequence[str] | None = None
    only: Sequence[str] | None = None
    priority: Literal["interactive", "bulk"] | None = None
    deadline_seconds: int | None = None
    novelty: float | None = None
    text: str | None = None
    because: bool | None = None
    metadata: Mapping[str, str] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if self.kind is not None:
            object.__setattr__(self, "kind", checked_kind(self.kind))
        for name in ("ingredients", "exclude", "only"):
            names = getattr(self, name)
            if names is not None:
                # A copy, so that exclusions survive when the caller changes its list.
                object.__setattr__(self, name, _checked_names(name, names))
        if self.metadata is not None:
            object.__setattr__(self, "metadata", dict(self.metadata))
        if not _is_novelty(self.novelty):
            raise ValueError("Give novelty as a number from 0 to 1.")

    def with_defaults(self, defaults: Drink) -> Drink:
        """Return this drink with the values of `defaults` for fields that are None.

        A drink does not get a field that its kind lacks, such as `top_k` for `complete`.
        Exclusions add up: one may be an allergy, so a drink never removes those of its defaults.
        """
        foreign = FOREIGN.get(self.kind or defaults.kind or "next", ())
        missing = {
            each.name: getattr(defaults, each.name)
            for each in fields(Drink)
            if getattr(self, each.name) is None and each.name not in foreign
        }
        return replace(self, **{**missing, "exclude": union(defaults.exclude, self.exclude)})

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object for the service, without the fields that are None."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }


class DrinkOptions(TypedDict, total=False):
    """The fields of a drink that `suggest` and `complete` have in common."""

    exclude: Sequence[str] | None
    only: Sequence[str] | None
    novelty: float | None
    text: str | None
    priority: Literal["interactive", "bulk"] | None
    deadline_seconds: int | None
    metadata: Mapping[str, str] | None


class SuggestOptions(DrinkOptions, total=False):
    """The fields of a drink for `suggest`."""

    top_k: int | None
    because: bool | None


class CompleteOptions(DrinkOptions, total=False):
    """The fields of a drink for `complete`."""

    length: int | None


def checked_kind(kind: Any) -> str | tuple[str, ...]:
    """Return a kind, or a copy of several."""
    if isinstance(kind, str):
        return kind
    if not isinstance(kind, list | tuple) or not all(isinstance(each, str) for each in kind):
        raise TypeError('Give kind as a string, or as a list such as ["next", "complete"].')
    return tuple(kind)


def _checked_names(field: str, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'Give {field} as a list of names, such as ["milk", "sugar"].')
    return tuple(names)


def _is_novelty(value: Any) -> bool:
    """Whether a value is None or a number from 0 to 1; NaN and booleans are neither."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and 0 <= value <= 1)


def union(first: Sequence[str] | None, second: Sequence[str] | None) -> Sequence[str] | None:
    """Return the names of both lists, each once."""
    if first is None or second is None:
        return first if second is None else second
    return tuple(dict.fromkeys((*first, *second)))
