"""The commands `suggest`, `complete`, `ingredients` and `queue`, and what all begin with."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from barback import Barback
from barback._cli import submit, tasks
from barback._cli.console import Commands, Connection
from barback._cli.options import Exclude, Json, Names, Only, Timeout, TopK
from barback._cli.output_file import to_json
from barback._version import VERSION

HELP = """Ask Barback what to add to a drink.

The API key comes from the environment variable BARBACK_API_KEY.

Exit codes:

- 0: all is well

- 1: a task failed or was cancelled

- 2: wrong usage, or a file that cannot be read or written

- 3: the service refused the request; change it

- 4: the service could not be reached, is too busy, or a task is not finished; try later

- 130: interrupted
"""

cli = typer.Typer(cls=Commands, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"barback {VERSION}")
        raise typer.Exit


@cli.callback()
def connect(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(envvar="BARBACK_URL", help="Where the service is.")
    ] = "http://127.0.0.1:8000",
    language: Annotated[
        str, typer.Option(envvar="BARBACK_LANGUAGE", help="Of the names: en or ru.")
    ] = "en",
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Check how to reach the service; a caller's `obj` may replace what is behind it."""
    key = os.environ.get("BARBACK_API_KEY", "")
    ctx.obj = Connection(url=url, language=language, key=key, **(ctx.obj or {}))
    try:
        ctx.obj.open().close()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@cli.command()
def suggest(
    ctx: typer.Context,
    ingredients: Names = None,
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print what to add to a drink, the best first, with its probability."""
    with _open(ctx) as bar:
        result = bar.suggest(
            ingredients or [], exclude=exclude, only=only, top_k=top_k, wait=timeout
        )
    if as_json:
        typer.echo(to_json(result))
        return
    for suggestion in result.suggestions:
        typer.echo(f"{suggestion.ingredient}\t{suggestion.probability:.3f}")


@cli.command()
def complete(
    ctx: typer.Context,
    ingredients: Names = None,
    length: Annotated[
        int | None, typer.Option(min=1, help="How many ingredients the finished drink has.")
    ] = None,
    exclude: Exclude = None,
    only: Only = None,
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print what to add to a drink until it is whole, in order."""
    with _open(ctx) as bar:
        result = bar.complete(
            ingredients or [], length=length, exclude=exclude, only=only, wait=timeout
        )
    for line in [to_json(result)] if as_json else result.names:
        typer.echo(line)


@cli.command()
def ingredients(
    ctx: typer.Context,
    part: Annotated[str, typer.Argument(help="A part of a name.")] = "",
    as_json: Json = False,
) -> None:
    """Print the names that the model knows."""
    with _open(ctx) as bar:
        for found in bar.ingredients(part):
            typer.echo(to_json(found) if as_json else found.name)


@cli.command()
def queue(ctx: typer.Context, as_json: Json = False) -> None:
    """Print how busy the queues are."""
    with _open(ctx) as bar:
        queues = bar.queue()
    if as_json:
        typer.echo(to_json(queues))
        return
    for name, state in queues.items():
        rate = "unknown" if state.rate is None else f"{state.rate:.1f}/s"
        wait = "unknown" if state.expected_wait is None else f"{state.expected_wait:.1f} s"
        typer.echo(
            f"{name}\twaiting {state.depth}\tin flight {state.in_flight}\t"
            f"rate {rate}\texpected wait {wait}"
        )


def _open(ctx: typer.Context) -> Barback:
    connection: Connection = ctx.obj
    return connection.open()


cli.command()(tasks.status)
cli.command()(tasks.result)
cli.command()(tasks.lines)
cli.command()(tasks.cancel)
cli.command()(submit.submit)
