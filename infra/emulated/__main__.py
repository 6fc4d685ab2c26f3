"""The command line of the stack on an emulator: `run` and `local-api`."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from infra.emulated.ministack import EmulatorFailed, running_ministack
from infra.emulated.sam import SamFailed, running_gateway
from infra.emulated.stack import (
    API,
    deployed_stores,
    running_emulated_stack,
    running_event_sources,
)
from infra.local.logs import configure_logging
from infra.local.network import PortTaken, listener
from infra.signals import SignalReceiver
from pipelines.errors import PipelineError
from suggester.errors import SuggesterError
from tasks.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

cli = typer.Typer(add_completion=False, help="Barback on an AWS emulator.")

Engine = Annotated[str, typer.Option(envvar="MODEL_ENGINE", help="Runs the network.")]
Port = Annotated[int, typer.Option(min=0, max=65535, envvar="PORT")]


@cli.command()
def run(  # noqa: PLR0913 - the options of the command line
    port: Port = 8000,
    aws_port: Annotated[int, typer.Option(min=0, max=65535, envvar="AWS_PORT")] = 8001,
    worker_url: Annotated[
        str, typer.Option(envvar="WORKER_URL", help="The URL of the worker, if it is a container.")
    ] = "",
    document_worker_url: Annotated[
        str, typer.Option(envvar="DOCUMENT_WORKER_URL", help="The same for the document worker.")
    ] = "",
    engine: Engine = "litert",
    allowed_origins: Annotated[
        str, typer.Option(envvar="ALLOWED_ORIGINS", help="Origins that may call the API.")
    ] = "",
    pipelines: Annotated[
        str, typer.Option(envvar="PIPELINES", help="Packages with further kinds of question.")
    ] = "",
    *,
    document_buckets: Annotated[
        str, typer.Option(envvar="DOCUMENT_BUCKETS", help="Buckets of others to read.")
    ] = "",
    localstack: Annotated[
        bool, typer.Option(envvar="LOCALSTACK", help="Use LocalStack instead of MiniStack.")
    ] = False,
) -> None:
    """Run the stack on MiniStack, on AWS_ENDPOINT_URL or on LocalStack until Ctrl-C."""
    with _errors_as_messages(), ExitStack() as running:
        endpoint = _localstack() if localstack else os.environ.get("AWS_ENDPOINT_URL")
        if not endpoint:
            endpoint = running.enter_context(running_ministack(aws_port, for_containers=True))
        url = running.enter_context(
            running_emulated_stack(
                port,
                endpoint=endpoint,
                remote_urls={"WorkerFunction": worker_url, "DocumentFunction": document_worker_url},
                parameters={
                    "ModelEngine": engine,
                    "AllowedOrigins": allowed_origins,
                    "Pipelines": pipelines,
                    "DocumentBuckets": document_buckets,
                },
            )
        )
        stop = SignalReceiver()
        typer.echo(f"Barback is ready: {url}/\n")
        typer.echo(f"  curl -s -X POST '{url}/api/process?ingredients_joined=milk;strawberry'")
        typer.echo(f"\nThe queues, the table and the bucket are at {endpoint}.")
        typer.echo("The calls are described at /docs. Press Ctrl-C to stop.")
        stop.wait()
        typer.echo("Stopping.")


@cli.command()
def local_api(port: Port = 3000, engine: Engine = "litert") -> None:
    """Serve the built API function with sam, on MiniStack and with workers, until Ctrl-C."""
    with _errors_as_messages(), ExitStack() as running:
        endpoint = running.enter_context(running_ministack(for_containers=True))
        functions = running.enter_context(
            deployed_stores(endpoint, parameters={"ModelEngine": engine})
        )
        running.enter_context(running_event_sources(functions, {}))
        url, sam = running.enter_context(
            running_gateway(_free_port(port), functions[API].environment)
        )
        stop = SignalReceiver()
        typer.echo(f"The API is ready: {url}/ (the first request starts its container)")
        typer.echo("Press Ctrl-C to stop.")
        while not stop.wait(1) and sam.poll() is None:
            pass
        typer.echo("Stopping.")


def _localstack() -> str:
    """Return the URL of LocalStack, which localstack-client takes from LocalStack's variables."""
    from localstack_client.config import get_service_endpoint  # noqa: PLC0415 - rarely used

    endpoint: str = get_service_endpoint("cloudformation")
    return endpoint


def _free_port(port: int) -> int:
    """Return the port, or another one if it is in use."""
    try:
        bound = listener(port)
    except PortTaken:
        bound = listener(0)
    with bound:
        free: int = bound.getsockname()[1]
        return free


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Print expected errors without a traceback, and exit with 1. SIGTERM is like Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (
        BotoCoreError,
        ClientError,
        EmulatorFailed,
        PipelineError,
        PortTaken,
        SamFailed,
        SettingsInvalid,
        SuggesterError,
    ) as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    configure_logging()
    cli()
