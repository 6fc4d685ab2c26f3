"""The chart of docs/scaling.md: an SVG whose text depends only on the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.capacity import limits
from infra.capacity.model import DELIVERY, WAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from infra.capacity.model import Model

STYLE: Final = """
  svg { font: 13px system-ui, sans-serif }
  .paper { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .limit { stroke: #1f2328; stroke-dasharray: 2 3 }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
  .a { stroke: #0550ae } .b { stroke: #bc4c00; stroke-dasharray: 9 5 }
  .c { stroke: #116329; stroke-dasharray: 2 6 }
  text.a, text.b, text.c { stroke: none }
  text.a { fill: #0550ae } text.b { fill: #bc4c00 } text.c { fill: #116329 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 }
    .grid { stroke: #30363d } .limit { stroke: #e6edf3 }
    .a { stroke: #79c0ff } .b { stroke: #ffa657 } .c { stroke: #7ee787 }
    text.a { fill: #79c0ff } text.b { fill: #ffa657 } text.c { fill: #7ee787 }
  }
"""
WIDTH: Final = 960
HEIGHT: Final = 420
TOP: Final = 64
BOTTOM: Final = 350
PANEL: Final = 360  # the width of a panel
RATES: Final = [10 ** (step / 20) for step in range(101)]  # 1 to 100,000
CONCURRENCIES: Final = (10, 50, 200)
CLASSES: Final = ("a", "b", "c")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel with two logarithmic axes. The horizontal one has the rates of tasks."""

    left: float
    title: str
    low: float
    high: float
    label: Callable[[float], str]

    def x(self, rate: float) -> float:
        """Return the horizontal position of a rate."""
        return self.left + PANEL * math.log10(rate) / 5

    def y(self, value: float) -> float:
        """Return the vertical position of a value."""
        share = math.log10(value / self.low) / math.log10(self.high / self.low)
        return BOTTOM - (BOTTOM - TOP) * share

    def frame(self) -> Iterator[str]:
        """Yield the title, the grid and the labels of the axes."""
        yield text(self.left, TOP - 18, self.title, "text")
        for exponent in range(6):
            x = self.x(10**exponent)
            yield f'<path class="grid" d="M{x:.1f} {TOP}V{BOTTOM}"/>'
            yield text(x, BOTTOM + 20, f"{10**exponent:,}", "faint", "middle")
        yield text(self.left + PANEL / 2, BOTTOM + 42, "tasks a second", "faint", "middle")
        value = self.low
        while value <= self.high * 1.001:
            y = self.y(value)
            yield f'<path class="grid" d="M{self.left} {y:.1f}h{PANEL}"/>'
            yield text(self.left - 8, y + 4, self.label(value), "faint", "end")
            value *= 10

    def line(self, points: Sequence[Point], style: str) -> str:
        """Return a line through the points that are inside the panel."""
        inside = [(x, y) for x, y in points if self.low <= y <= self.high]
        path = "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in inside)
        return f'<path class="line {style}" d="M{path}"/>'


def text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    """Return a line of text."""
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def draw(model: Model) -> str:
    """Return the SVG."""
    parts = [*_waits(model), *_quotas(model)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            "<title>Waits and quotas by tasks a second</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _waits(model: Model) -> Iterator[str]:
    """Yield the panel with the 99th percentile of the time from a request to the final row."""
    title = "99% of single tasks are done within, by MaximumConcurrency"
    panel = Panel(64, title, 0.1, 10, lambda seconds: f"{seconds:g} s")
    yield from panel.frame()
    source = model.stack.sources[WAYS[0].source]
    around = model.submit(1).p99 + DELIVERY.p99
    for concurrency, style in zip(CONCURRENCIES, CLASSES, strict=True):
        batches = [(rate, model.batches(source, rate, concurrency)) for rate in RATES]
        points = [(rate, around + found.percentile(0.99)) for rate, found in batches]
        points = [point for point in points if math.isfinite(point[1])]
        yield panel.line([*points, (points[-1][0], panel.high)], style)
        x = panel.x(points[-1][0]) - 8
        yield text(x, panel.y(6), f"{concurrency}", style, "end")


def _quotas(model: Model) -> Iterator[str]:
    """Yield the panel with the share of the quota that binds first."""
    title = "use of the quota that binds first, with ThrottleRate raised"
    panel = Panel(552, title, 0.001, 100, lambda share: f"{100 * share:,.6g}%")
    yield from panel.frame()
    yield f'<path class="limit" d="M{panel.left} {panel.y(1):.1f}h{PANEL}"/>'
    for position, (way, style) in enumerate(zip(WAYS, CLASSES, strict=True)):
        demands = [model.demand(way, rate) for rate in RATES]
        used = [limits.quota_limits(demand, model.stack)[0].used for demand in demands]
        yield panel.line(list(zip(RATES, used, strict=True)), style)
        x, y = panel.left + 12, TOP + 20 + 20 * position
        yield f'<path class="line {style}" d="M{x} {y - 4}h36"/>'
        yield text(x + 44, y, way.name, style)
