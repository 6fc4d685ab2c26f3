"""The commands for webhooks: `webhook listen`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.receiver import Receiver
from barback._cli.result_formats import to_json

webhook = typer.Typer(help="Receive results when they are ready.", no_args_is_help=True)


@webhook.command()
def listen(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port; by default, a free one.")
    ] = 0,
) -> None:
    """Print verified deliveries that arrive on a port of this machine, each as a line of JSON.

    Other requests are answered with the status 400. Ctrl-C ends the command.
    """
    connection: Connection = ctx.obj
    with _open_receiver(port) as receiver, suppress(KeyboardInterrupt):
        with connection.open() as bar:
            secrets = bar.webhook_secrets()
        print_message(f"Listening. Submit with --webhook {receiver.url} and end with Ctrl-C.")
        for body in receiver.deliveries(secrets):
            typer.echo(to_json(body))


def _open_receiver(port: int) -> Receiver:
    try:
        return Receiver(port)
    except OSError as error:
        raise typer.BadParameter(
            f"Port {port} cannot be used ({error.strerror}). Leave --port out for a free one."
        ) from error
