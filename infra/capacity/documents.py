"""Writes the model into the documentation: its tables, between two comments, and its chart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.capacity import bills, chart, table

if TYPE_CHECKING:
    from infra.capacity.model import Model

ROOT: Final = Path(__file__).parents[2]
END: Final = "<!-- end -->"


def documents(model: Model, root: Path = ROOT) -> dict[Path, str]:
    """Return the content that each generated file should have."""
    scaling, operating = root / "docs/scaling.md", root / "docs/operating.md"
    return {
        root / "docs/scaling.svg": chart.draw(model),
        scaling: _with_sections(
            scaling.read_text(encoding="utf-8"),
            {
                "capacity": table.render(model),
                "new accounts": "\n".join(table.new_accounts(model)),
            },
        ),
        operating: _with_sections(
            operating.read_text(encoding="utf-8"),
            {
                "tasks": bills.tasks(model),
                "idle month": bills.idle_month(model),
                "further costs": bills.further(model),
            },
        ),
    }


def write(model: Model) -> None:
    """Write the generated files."""
    for path, content in documents(model).items():
        path.write_text(content, encoding="utf-8")


def _with_sections(text: str, sections: dict[str, str]) -> str:
    """Return the text with new sections.

    Raises:
        ValueError: the text has no place for a section.
    """
    for name, content in sections.items():
        start = f"<!-- {name}: written by make capacity DOCS=1 -->"
        before, found, rest = text.partition(start)
        _, end, after = rest.partition(END)
        if not found or not end:
            raise ValueError(f"Write the lines {start} and {END} where the section belongs.")
        text = f"{before}{start}\n\n{content}\n\n{end}{after}"
    return text
