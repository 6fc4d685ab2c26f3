"""The model as Markdown, which a terminal shows well too."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Final

from infra.capacity import costs, limits, quotas
from infra.capacity.model import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.capacity.model import Demand, Model, Way

RATES: Final = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0)
HEADINGS: Final = (
    *("tasks/s", "p50", "p99", "API", "workers", "batch", "first quota", "used", "from idle"),
    *("USD per million", "USD per month"),
)


def render(model: Model, rates: Sequence[float] = RATES) -> str:
    """Return a table and a list of changes for each way of sending tasks."""
    return "\n".join(_section(model, way, rates) for way in WAYS)


def _section(model: Model, way: Way, rates: Sequence[float]) -> str:
    demands = [model.demand(way, rate) for rate in rates]
    rows = [_row(model, demand) for demand in demands]
    lines = [f"**{way.name[0].upper()}{way.name[1:]}**", "", markdown(HEADINGS, rows), ""]
    changes = groupby(demands, key=lambda demand: _changes(model, demand))
    for change, group in changes:
        lines.append(f"- {', '.join(number(demand.rate) for demand in group)} tasks/s: {change}")
    return "\n".join([*lines, ""])


def _row(model: Model, demand: Demand) -> list[str]:
    first = limits.quota_limits(demand, model.stack)[0]
    return [
        number(demand.rate),
        f"{demand.p50:.2f} s",
        f"{demand.p99:.2f} s",
        number(demand.api),
        number(demand.workers),
        number(demand.batch),
        first.name,
        f"{first.used:.0%}" if first.used >= 0.01 else f"{first.used:.1%}",  # noqa: PLR2004
        f"{limits.seconds_from_idle(demand, model.stack):.0f} s",
        f"{costs.per_million(demand, model.stack):.2f}",
        f"{float(f'{costs.per_month(demand, model.stack):.3g}'):,.0f}",
    ]


def _changes(model: Model, demand: Demand) -> str:
    return "; ".join(limits.changes(demand, model.stack)) or "nothing to change"


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with padded columns."""
    lines = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"| {' | '.join(padded)} |"


def number(value: float) -> str:
    """Return three digits of a number, or all digits of a large one."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def new_accounts(model: Model) -> Iterator[str]:
    """Yield how far the quota of some new accounts reaches, for each way of sending tasks."""
    for way in WAYS:
        rate = _largest_rate(model, way, quotas.NEW_ACCOUNT_EXECUTIONS)
        yield f"- {way.name}: up to {number(rate)} tasks/s"


def _largest_rate(model: Model, way: Way, executions: int) -> float:
    """Return the largest rate that this many concurrent executions sustain, in two digits."""
    low, high = 0.01, 1e6
    while high / low > 1.001:  # noqa: PLR2004
        middle = (low * high) ** 0.5
        needed = limits.concurrent_executions(model.demand(way, middle))
        low, high = (middle, high) if needed <= executions else (low, middle)
    unit = 10.0 ** (math.floor(math.log10(low)) - 1)
    return math.floor(low / unit) * unit
