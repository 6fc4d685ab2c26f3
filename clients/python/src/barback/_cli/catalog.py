"""The commands about the service: `ingredients`, `groups` and `queue`."""

from __future__ import annotations

from typing import Annotated

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.options import Json
from barback._cli.result_formats import to_json


def ingredients(
    ctx: typer.Context,
    part: Annotated[str, typer.Argument(help="A part of the names to list.")] = "",
    as_json: Json = False,
) -> None:
    """Print the names of the ingredients that the model knows."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        found = bar.ingredients(part)
    for ingredient in found:
        typer.echo(to_json(ingredient) if as_json else ingredient.name)
    if not found:
        print_message(f"No name contains {part!r}.")


def groups(ctx: typer.Context, as_json: Json = False) -> None:
    """Print the groups that --exclude takes, such as group:dairy."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        for group in bar.groups():
            typer.echo(to_json(group) if as_json else group.group)


def queue(ctx: typer.Context, as_json: Json = False) -> None:
    """Print the load of each queue."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        queues = bar.queue()
    if as_json:
        typer.echo(to_json(queues))
        return
    for name, load in queues.items():
        rate = "unknown" if load.rate is None else f"{load.rate:.1f}/s"
        wait = "unknown" if load.expected_wait is None else f"{load.expected_wait:.1f} s"
        typer.echo(
            f"{name}\twaiting {load.depth}\tin flight {load.in_flight}\t"
            f"rate {rate}\texpected wait {wait}"
        )
