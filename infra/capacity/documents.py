"""Writes the model into the documentation: its tables, between two comments, and its chart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.capacity import chart, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.capacity.model import Model

ROOT: Final = Path(__file__).parents[2]
END: Final = "<!-- end -->"
CHART: Final = "docs/scaling.svg"
# The sections of each page, and the tables in them.
SECTIONS: Final[dict[str, dict[str, Callable[[Model], str]]]] = {
    "docs/scaling.md": {"capacity": tables.capacity},
    "docs/operating.md": {
        "tasks": tables.million,
        "idle month": tables.idle_month,
        "further costs": tables.further,
        "webhooks": tables.webhooks,
        "features": tables.features,
    },
}


def documents(model: Model, root: Path = ROOT) -> dict[Path, str]:
    """Return the content that each generated file should have.

    Raises:
        ValueError: a page has no place for a section.
    """
    files = {root / CHART: chart.draw(model)}
    for name, sections in SECTIONS.items():
        text = (root / name).read_text(encoding="utf-8")
        for section, table in sections.items():
            text = _with_section(text, section, table(model))
        files[root / name] = text
    return files


def _with_section(text: str, name: str, content: str) -> str:
    start = f"<!-- {name}: written by make capacity DOCS=1 -->"
    before, found, rest = text.partition(start)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ValueError(f"Write the lines {start} and {END} where the section belongs.")
    return f"{before}{start}\n\n{content}\n\n{end}{after}"
