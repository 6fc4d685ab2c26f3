"""The commands for one drink: `suggest` and `complete`."""

from __future__ import annotations

from typing import Annotated

import typer

from barback._cli.connection import Connection
from barback._cli.options import Exclude, Json, Names, Novelty, Only, Timeout, TopK
from barback._cli.result_formats import to_json


def suggest(
    ctx: typer.Context,
    ingredients: Names = None,
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    novelty: Novelty = None,
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print ingredients to add to a drink with their probabilities, best first."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        result = bar.suggest(
            ingredients or [],
            exclude=exclude,
            only=only,
            top_k=top_k,
            novelty=novelty,
            wait=timeout,
        )
    if as_json:
        typer.echo(to_json(result))
        return
    for suggestion in result.suggestions:
        typer.echo(f"{suggestion.ingredient}\t{suggestion.probability:.3f}")


def complete(
    ctx: typer.Context,
    ingredients: Names = None,
    length: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The number of ingredients in the finished drink. By default, the model decides.",
        ),
    ] = None,
    exclude: Exclude = None,
    only: Only = None,
    novelty: Novelty = None,
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print the ingredients that complete a drink, in order."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        result = bar.complete(
            ingredients or [],
            length=length,
            exclude=exclude,
            only=only,
            novelty=novelty,
            wait=timeout,
        )
    for line in [to_json(result)] if as_json else result.names:
        typer.echo(line)
