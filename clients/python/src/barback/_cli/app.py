"""The command line's entry point, and the options that come before a command."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from barback._cli.catalog import groups, ingredients, queue
from barback._cli.collections import batch, retry, tasks
from barback._cli.connection import Connection
from barback._cli.console import CommandGroup
from barback._cli.mcp import mcp
from barback._cli.run import ANY_OPTION, run
from barback._cli.submit import resume, submit
from barback._cli.suggest import complete, suggest
from barback._cli.tasks import cancel, lines, result, status
from barback._cli.webhook import webhook
from barback._version import VERSION

HELP = """Suggest what to add to a drink.

Set the environment variable BARBACK_API_KEY if the service needs an API key.

Exit codes:

- 0: success

- 1: a task, or one of its kinds, failed or was cancelled, or a line of a file is not valid

- 2: invalid usage, or a file that cannot be read or written

- 3: the service refused the request; change it before you try again

- 4: the service is unavailable or too busy, or a task is not finished; try again later

- 130: interrupted; `barback resume` continues a file

- 141: the reader of standard output closed the pipe
"""

cli = typer.Typer(cls=CommandGroup, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"barback {VERSION}")
        raise typer.Exit


@cli.callback()
def connect(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(envvar="BARBACK_URL", help="The URL of the service.")
    ] = "http://127.0.0.1:8000",
    language: Annotated[
        str,
        typer.Option(envvar="BARBACK_LANGUAGE", help="The language of printed names: en or ru."),
    ] = "en",
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Check the connection's settings. A test passes its own transport and retries as `obj`."""
    api_key = os.environ.get("BARBACK_API_KEY", "")
    ctx.obj = Connection(url=url, language=language, api_key=api_key, **(ctx.obj or {}))
    try:
        ctx.obj.open().close()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


for command in (
    suggest,
    complete,
    ingredients,
    groups,
    queue,
    status,
    result,
    lines,
    cancel,
    retry,
    batch,
    tasks,
    submit,
    resume,
    mcp,
):
    cli.command()(command)
cli.command(context_settings=ANY_OPTION)(run)
cli.add_typer(webhook, name="webhook")
