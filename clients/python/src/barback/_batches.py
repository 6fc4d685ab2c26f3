"""How the drinks of a run are divided into requests and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from barback._drink import Drink
from barback._requests import MAX_BYTES, MAX_DOCUMENT_BYTES, MAX_DRINKS, MAX_LINES, batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from barback._input import AnyInput

BULK: Final = Drink(priority="bulk")


@dataclass(frozen=True, slots=True)
class Batch:
    """The positions of the drinks that one request or one document carries."""

    number: int
    positions: range


def suit_a_document(drinks: Iterable[AnyInput]) -> bool:
    """Whether no drink has a field that a document does not allow."""
    return not any(
        each.priority or each.deadline_seconds is not None or each.metadata is not None
        for each in drinks
    )


def split(drinks: Sequence[AnyInput], *, as_document: bool) -> list[Batch]:
    """Divide drinks into as few documents or requests as the service's limits allow."""
    if as_document:
        entries = batches(drinks, MAX_LINES, MAX_DOCUMENT_BYTES)
    else:
        entries = batches((d.with_defaults(BULK) for d in drinks), MAX_DRINKS, MAX_BYTES)
    return batches_of_sizes(map(len, entries))


def batches_of_sizes(sizes: Iterable[int]) -> list[Batch]:
    """Return consecutive batches with these numbers of drinks."""
    found: list[Batch] = []
    start = 0
    for number, size in enumerate(sizes):
        found.append(Batch(number, range(start, start + size)))
        start += size
    return found
