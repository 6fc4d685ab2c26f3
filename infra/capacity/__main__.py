"""The command line: `python -m infra.capacity`, with RATE, DOCS and MEASURE as variables."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.capacity import tables
from infra.capacity.documents import documents
from infra.capacity.inputs import ServiceTimes, Stack
from infra.capacity.model import Model

app = typer.Typer(add_completion=False)


@app.command()
def capacity(
    rate: Annotated[
        float | None, typer.Option(min=0.001, max=1e9, help="Only this rate, in tasks a second.")
    ] = None,
    *,
    docs: Annotated[bool, typer.Option("--docs", help="Write the tables and the chart.")] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure the service times on this machine first.")
    ] = False,
) -> None:
    """Print what rates of tasks need, where AWS's quotas stop them, and what they cost."""
    if measure:
        ServiceTimes.measure().write()
    times = ServiceTimes.read()
    model = Model(Stack.of_template(), times)
    if docs:
        for path, content in documents(model).items():
            path.write_text(content, encoding="utf-8")
            typer.echo(f"Wrote {path.name}.")
        return
    typer.echo(tables.capacity(model, tables.RATES if rate is None else [rate]))
    typer.echo(
        f"Service times of {times.date} on {times.machine}; docs/scaling.md explains the columns."
    )


if __name__ == "__main__":
    app()
