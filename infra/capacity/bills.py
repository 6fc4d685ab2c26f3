"""The tables of docs/operating.md: what tasks, an idle month and some extras cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.capacity import costs
from infra.capacity.model import WAYS
from infra.capacity.table import markdown, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.capacity.costs import Item
    from infra.capacity.model import Model

RATE: Final = 10.0  # tasks a second, for the bill of a million tasks
MILLION: Final = 1_000_000
LEAST_PRICE: Final = 0.001  # a smaller one is that of a million


def tasks(model: Model) -> str:
    """Return the bill for a million tasks, in each way of sending them."""
    bills = [costs.items(model.demand(way, RATE), model.stack) for way in WAYS]
    headings = ["", "price in USD", *(cell for way in WAYS for cell in (way.name, "USD"))]
    rows = [
        [found[0].name, _price(found[0]), *(cell for item in found for cell in _cells(item))]
        for found in zip(*bills, strict=True)
    ]
    sums = [f"**{sum(item.usd for item in bill):.2f}**" for bill in bills]
    rows.append(["**sum**", "", *(cell for usd in sums for cell in ("", usd))])
    return markdown(headings, rows)


def idle_month(model: Model) -> str:
    """Return the bill of a month without tasks."""
    items = costs.idle_month(model.stack)
    rows = [_row(item.name, item) for item in items]
    rows.append(["**sum**", "", "", f"**{sum(item.usd for item in items):.2f}**"])
    return markdown(["", "quantity", "price in USD", "USD"], rows)


def further(model: Model) -> str:
    """Return the items that depend on settings and on the callers."""
    rows = [_row(f"{what} ({item.name})", item) for what, item in costs.further(model.stack)]
    return markdown(["", "quantity", "price in USD", "USD"], rows)


def summary(model: Model) -> str:
    """Return the sentence of the README."""
    polled, waiting, arrays = (
        costs.per_million(model.demand(way, RATE), model.stack) for way in WAYS
    )
    idle = sum(item.usd for item in costs.idle_month(model.stack))
    return (
        f"about {polled:.0f} US dollars sent one by one and polled, {waiting:.0f} if the requests "
        f"wait, and {arrays:.0f} in arrays of 100; an idle stack costs {idle:.0f} per month"
    )


def _row(name: str, item: Item) -> Sequence[str]:
    quantity, usd = _cells(item)
    return [name, quantity, _price(item), usd]


def _cells(item: Item) -> tuple[str, str]:
    """Return the quantity and the cost."""
    is_large = item.quantity >= MILLION / 10
    quantity = f"{number(item.quantity / MILLION)} M" if is_large else number(item.quantity)
    return quantity, f"{item.usd:.2f}"


def _price(item: Item) -> str:
    """Return a price as a price list has it: small prices per million."""
    if item.price < LEAST_PRICE:
        return f"{item.price * MILLION:.6g} per million {item.unit}"
    return f"{item.price:.3g} per {item.unit}"
