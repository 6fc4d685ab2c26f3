"""What is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# With its Idempotency-Key, what the service takes in one request.
MAX_DRINKS: Final = 99
MAX_BYTES: Final = 180_000


@dataclass(frozen=True, slots=True)
class Drink:
    """A half-built drink and what is asked of it; None leaves a choice to the service.

    Args:
        ingredients: names or ids; none of them asks for a base.
        kind: `next` asks for the best ingredient to add, `complete` to add until `length`.
        top_k: how many suggestions, for `next`.
        length: how many ingredients the finished drink has, for `complete`.
        exclude: what must not be suggested.
        only: what may be suggested.
        priority: `bulk` waits behind `interactive`.
        deadline_seconds: give up after so long.
    """

    ingredients: Sequence[str] = ()
    kind: Literal["next", "complete"] | None = None
    top_k: int | None = None
    length: int | None = None
    exclude: Sequence[str] | None = None
    only: Sequence[str] | None = None
    priority: Literal["interactive", "bulk"] | None = None
    deadline_seconds: int | None = None

    def __post_init__(self) -> None:
        for field in ("ingredients", "exclude", "only"):
            names = getattr(self, field)
            if names is not None:
                # A copy: a caller may clear its list, and with it an allergy.
                object.__setattr__(self, field, _checked_names(field, names))

    def with_defaults(self, defaults: Drink) -> Drink:
        """Return this drink with the fields of `defaults` where its own are None.

        Exclusions add up: one may be an allergy, so a drink cannot remove those of its defaults.
        """
        missing = {
            field.name: getattr(defaults, field.name)
            for field in fields(Drink)
            if getattr(self, field.name) is None
        }
        return replace(self, **{**missing, "exclude": _union(defaults.exclude, self.exclude)})

    def to_json(self) -> dict[str, Any]:
        """Return the drink as the service reads it."""
        members = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in members.items()
            if value is not None
        }


def _checked_names(field: str, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'Give {field} as a list of names, such as ["milk", "sugar"].')
    return tuple(names)


def _union(first: Sequence[str] | None, second: Sequence[str] | None) -> Sequence[str] | None:
    if first is None or second is None:
        return first if second is None else second
    return list(dict.fromkeys((*first, *second)))


def chunks(drinks: Drink | Iterable[Drink]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the drinks in order, as many at a time as one request may carry."""
    chunk: list[Mapping[str, Any]] = []
    size = 0
    for drink in (drinks,) if isinstance(drinks, Drink) else drinks:
        entry = drink.to_json()
        length = len(json.dumps(entry, ensure_ascii=False).encode())
        if chunk and (len(chunk) == MAX_DRINKS or size + length > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += length
    if chunk:
        yield chunk
