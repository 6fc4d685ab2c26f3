"""The chart of docs/scaling.md: an SVG whose text depends only on the model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from infra.capacity import limits
from infra.capacity.model import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.capacity.model import Model

STYLE: Final = """
  svg { font: 13px system-ui, sans-serif }
  .paper { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e }
  .grid { stroke: #d1d9e0 } .limit { stroke: #1f2328; stroke-dasharray: 2 3 }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
  .a { stroke: #0550ae } .b { stroke: #bc4c00; stroke-dasharray: 9 5 }
  .c { stroke: #116329; stroke-dasharray: 2 6 } .d { stroke: #8250df; stroke-dasharray: 14 4 2 4 }
"""
TITLE: Final = "use of the quota that binds first, with ThrottleRate raised"
WIDTH, HEIGHT = 720, 400
LEFT, TOP, RIGHT, BOTTOM = 80, 44, 690, 340  # of the axes, which are logarithmic
LEAST, MOST = -3, 2  # the exponents of the shares
DECADES: Final = 5  # of rates, from 1 to 100,000


def draw(model: Model) -> str:
    """Return the SVG: for each way, the share of the first quota by tasks a second."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{TITLE}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        _text(LEFT, TOP - 18, TITLE, "text"),
        *_axes(),
        *_lines(model),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _axes() -> Iterator[str]:
    for exponent in range(DECADES + 1):
        x = _x(10**exponent)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{BOTTOM}"/>'
        yield _text(x, BOTTOM + 20, f"{10**exponent:,}", "faint", "middle")
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 42, "tasks a second", "faint", "middle")
    for exponent in range(LEAST, MOST + 1):
        y = _y(10**exponent)
        yield f'<path class="{"grid" if exponent else "limit"}" d="M{LEFT} {y:.1f}H{RIGHT}"/>'
        yield _text(LEFT - 8, y + 4, f"{100 * 10**exponent:,.6g}%", "faint", "end")


def _lines(model: Model) -> Iterator[str]:
    rates = [10 ** (step / 20) for step in range(20 * DECADES + 1)]
    for position, (way, style) in enumerate(zip(WAYS, "abcd", strict=True)):
        demands = [model.demand(way, rate) for rate in rates]
        used = [limits.quota_limits(demand, model.stack)[0].used for demand in demands]
        points = [
            f"{_x(rate):.1f} {_y(share):.1f}" for rate, share in zip(rates, used, strict=True)
        ]
        yield f'<path class="line {style}" d="M{"L".join(points)}"/>'
        y = TOP + 20 + 20 * position
        yield f'<path class="line {style}" d="M{LEFT + 12} {y - 4}h36"/>'
        yield _text(LEFT + 56, y, way.name, "text")


def _x(rate: float) -> float:
    return LEFT + (RIGHT - LEFT) * math.log10(rate) / DECADES


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * (math.log10(share) - LEAST) / (MOST - LEAST)


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
