"""The commands for webhooks."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.options import Id, Json
from barback._cli.receiver import Receiver
from barback._cli.result_formats import to_json, to_local_time
from barback._cli.secrets import Secrets
from barback._deliveries import Delivery

webhook = typer.Typer(
    help="Receive results when they are ready, and see what was delivered.", no_args_is_help=True
)


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
    with _open_receiver(port) as receiver, suppress(KeyboardInterrupt), connection.open() as bar:
        known = Secrets(bar.webhook_secrets)
        print_message(f"Listening. Submit with --webhook {receiver.url} and end with Ctrl-C.")
        for body in receiver.deliveries(known.verify):
            typer.echo(to_json(body))


@webhook.command()
def secrets(
    ctx: typer.Context,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the others stay valid for a day.")
    ] = False,
) -> None:
    """Print the secrets with which your deliveries are signed, the newest first."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        valid = bar.rotate_webhook_secret() if rotate else bar.webhook_secrets()
    for secret in valid:
        typer.echo(secret)


@webhook.command()
def deliveries(ctx: typer.Context, task_id: Id, as_json: Json = False) -> None:
    """Print the attempts to deliver the result of a task: when, and the answer or the reason."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        _print_delivery(bar.deliveries(task_id), as_json=as_json)


@webhook.command()
def redeliver(ctx: typer.Context, task_id: Id, as_json: Json = False) -> None:
    """Start the delivery of a task's result again."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        _print_delivery(bar.redeliver(task_id), as_json=as_json)


def _print_delivery(delivery: Delivery, *, as_json: bool) -> None:
    if as_json:
        typer.echo(to_json(delivery))
        return
    for attempt in delivery.attempts:
        typer.echo(f"{to_local_time(attempt.at)}\t{attempt.status or attempt.reason}")
    if delivery.webhook is None:
        print_message("The task has no webhook.")
    else:
        state = delivery.state or "waiting for the end of the task"
        print_message(f"{delivery.webhook}: {state}.")


def _open_receiver(port: int) -> Receiver:
    try:
        return Receiver(port)
    except OSError as error:
        raise typer.BadParameter(
            f"Port {port} cannot be used ({error.strerror}). Leave --port out for a free one."
        ) from error
