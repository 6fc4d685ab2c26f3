"""The local stack's command line: `run` and `demo`."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.demo import run_demo
from infra.local.logs import configure_logging
from infra.local.network import PortTaken
from infra.local.stack import running_stack
from suggester.errors import SuggesterError

cli = typer.Typer(add_completion=False, help="Barback on one machine.")


Engine = Annotated[str, typer.Option(envvar="MODEL_ENGINE", help="Runs the network.")]


@cli.command()
def run(
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="PORT")] = 8000,
    aws_port: Annotated[int, typer.Option(min=0, max=65535, envvar="AWS_PORT")] = 8001,
    worker_url: Annotated[
        str, typer.Option(envvar="WORKER_URL", help="The URL of the worker, if it is a container.")
    ] = "",
    document_worker_url: Annotated[
        str, typer.Option(envvar="DOCUMENT_WORKER_URL", help="The same for the document worker.")
    ] = "",
    engine: Engine = "litert",
    allowed_origins: Annotated[
        str,
        typer.Option(envvar="ALLOWED_ORIGINS", help="Origins that may call the API."),
    ] = "",
) -> None:
    """Run the whole stack until Ctrl-C."""
    parameters = {"ModelEngine": engine, "AllowedOrigins": allowed_origins}
    urls = {"WorkerFunction": worker_url, "DocumentFunction": document_worker_url}
    stop = threading.Event()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C during the start
    try:
        with running_stack(port, aws_port=aws_port, remote_urls=urls, parameters=parameters) as url:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            typer.echo(f"Barback is ready: {url}/\n")
            typer.echo(f"  curl -s -X POST '{url}/api/process?ingredients_joined=milk;strawberry'")
            typer.echo("\nThe calls are described at /docs. Press Ctrl-C to stop.")
            stop.wait()
            typer.echo("Stopping.")
    except (PortTaken, SuggesterError, BotoCoreError, ClientError) as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error


@cli.command()
def demo(engine: Engine = "litert") -> None:
    """Start the stack, submit 100 tasks of 100 callers, and show the results."""
    try:
        with running_stack(0, parameters={"ModelEngine": engine}) as url:
            succeeded = run_demo(url)
    except SuggesterError as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error
    raise typer.Exit(0 if succeeded else 1)


if __name__ == "__main__":
    configure_logging()
    cli()
