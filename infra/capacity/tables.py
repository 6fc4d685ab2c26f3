"""The tables of the command and of the documentation, in Markdown."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from infra.capacity import costs, limits
from infra.capacity.costs import MILLION
from infra.capacity.features import features as prices_of_features
from infra.capacity.model import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra.capacity.costs import Item
    from infra.capacity.model import Demand, Model, Way

RATES: Final = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
HEADINGS: Final = (
    *("tasks/s", "p50", "p99", "API", "workers", "batch", "webhooks", "first quota", "used"),
    *("USD per million", "USD per month"),
)
BILL_RATE: Final = 10.0  # tasks a second, for the bill of a million tasks
*BILLED, WITH_WEBHOOKS = WAYS
SMALL: Final = 0.001  # US dollars; smaller prices are those of a million


def capacity(model: Model, rates: Sequence[float] = RATES) -> str:
    """Return a table and a list of changes for each way of sending tasks."""
    return "\n".join(_section(model, way, rates) for way in WAYS)


def _section(model: Model, way: Way, rates: Sequence[float]) -> str:
    demands = [model.demand(way, rate) for rate in rates]
    table = markdown(HEADINGS, [_row(model, demand) for demand in demands])
    lines = [f"**{way.name[0].upper()}{way.name[1:]}**", "", table, ""]
    for change, group in groupby(demands, key=lambda demand: _changes(model, demand)):
        lines.append(f"- {', '.join(number(demand.rate) for demand in group)} tasks/s: {change}")
    return "\n".join([*lines, ""])


def _row(model: Model, demand: Demand) -> list[str]:
    first = limits.quota_limits(demand, model.stack)[0]
    return [
        number(demand.rate),
        f"{demand.p50:.2f} s",
        f"{demand.p99:.2f} s",
        *map(number, (demand.api, demand.workers, demand.batch, demand.deliveries.executions)),
        first.name,
        f"{first.used:.0%}" if first.used >= 0.01 else f"{first.used:.1%}",  # noqa: PLR2004
        f"{costs.per_million(demand, model.stack):.2f}",
        f"{float(f'{costs.per_month(demand, model.stack):.3g}'):,.0f}",
    ]


def _changes(model: Model, demand: Demand) -> str:
    return "; ".join(limits.changes(demand, model.stack)) or "nothing to change"


def million(model: Model) -> str:
    """Return the bill for a million tasks, in each way of sending them without webhooks."""
    bills = [costs.items(model.demand(way, BILL_RATE), model.stack) for way in BILLED]
    headings = ["", "price in USD", *(cell for way in BILLED for cell in (way.name, "USD"))]
    rows = [
        [found[0].name, _price(found[0]), *(cell for item in found for cell in _cells(item))]
        for found in zip(*bills, strict=True)
    ]
    sums = [cell for bill in bills for cell in ("", _sum(bill))]
    return markdown(headings, [*rows, ["**sum**", "", *sums]])


def idle_month(model: Model) -> str:
    """Return the bill of a month without tasks."""
    items = costs.idle_month(model.stack)
    return _bill(items, ["**sum**", "", "", _sum(items)])


def webhooks(model: Model) -> str:
    """Return the bill of a million webhooks."""
    items = costs.webhooks(model.demand(WITH_WEBHOOKS, BILL_RATE), model.stack)
    return _bill(items, ["**sum**", "", "", _sum(items)])


def features(model: Model) -> str:
    """Return the price of each feature for a million tasks."""
    found = prices_of_features(model.demand(WITH_WEBHOOKS, BILL_RATE), model.stack)
    return markdown(["", "USD"], [[name, f"{usd:.2f}"] for name, usd in found])


def further(model: Model) -> str:
    """Return the items that depend on settings and on the callers."""
    return _bill(costs.further(model.stack))


def summary(model: Model) -> str:
    """Return the sentence of the README."""
    polled, waiting, arrays = (
        costs.per_million(model.demand(way, BILL_RATE), model.stack) for way in BILLED
    )
    idle = sum(item.usd for item in costs.idle_month(model.stack))
    return (
        f"about {polled:.0f} US dollars sent one by one and polled, {waiting:.0f} if the requests "
        f"wait, and {arrays:.0f} in arrays of 100; an idle stack costs {idle:.0f} per month"
    )


def _bill(items: Iterable[Item], *ends: list[str]) -> str:
    rows = []
    for item in items:
        quantity, usd = _cells(item)
        rows.append([item.name, quantity, _price(item), usd])
    return markdown(["", "quantity", "price in USD", "USD"], [*rows, *ends])


def _cells(item: Item) -> tuple[str, str]:
    """Return the quantity and the cost."""
    is_large = item.quantity >= MILLION / 10
    quantity = f"{number(item.quantity / MILLION)} M" if is_large else number(item.quantity)
    return quantity, f"{item.usd:.2f}"


def _price(item: Item) -> str:
    if item.price < SMALL:
        return f"{item.price * MILLION:.6g} per million {item.unit}"
    return f"{item.price:.3g} per {item.unit}"


def _sum(items: Iterable[Item]) -> str:
    return f"**{sum(item.usd for item in items):.2f}**"


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with padded columns."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(f"| {' | '.join(map(str.ljust, cells, widths))} |" for cells in lines)


def number(value: float) -> str:
    """Return three digits of a number, or all digits of a large one."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004
