"""The command line: `python -m infra.capacity`, with RATE, DOCS and MEASURE as variables."""

from __future__ import annotations

from typing import Annotated

import typer

from infra.capacity import documents, service_times, table
from infra.capacity.model import Model
from infra.capacity.stack import Stack

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
        service_times.measure()
    model = Model(Stack.of_template(), service_times.read_service_times())
    if docs:
        documents.write(model)
        typer.echo("Wrote docs/scaling.md, docs/scaling.svg and the tables of docs/operating.md.")
        return
    typer.echo(table.render(model, table.RATES if rate is None else [rate]))
    times = model.times
    typer.echo(
        f"Service times of {times.date} on {times.machine}; docs/scaling.md explains the columns."
    )


if __name__ == "__main__":
    app()
