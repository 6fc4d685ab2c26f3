"""The local stack's command line: `run` and `demo`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated, Final

import typer

from infra.local.greeting import greeting
from infra.local.logs import configure_logging
from infra.local.network import PortTaken
from infra.local.stack import StackSettings, running_stack
from infra.local.storage.errors import StorageError
from infra.local.workers import WorkersFailed
from infra.signals import SignalReceiver
from pipelines.errors import PipelineError
from suggester.artifacts import Artifacts
from suggester.errors import SuggesterError
from suggester.vocabulary import Vocabulary
from tasks.errors import SettingsInvalid

INTERRUPTED: Final = 130  # the exit status of a command that Ctrl-C ended
FAILURES: Final = (
    PipelineError,
    PortTaken,
    SettingsInvalid,
    StorageError,
    SuggesterError,
    WorkersFailed,
)

cli = typer.Typer(add_completion=False, help="Barback on one machine.")
Engine = Annotated[str, typer.Option(envvar="MODEL_ENGINE", help="Runs the network.")]
Packages = Annotated[
    str, typer.Option(envvar="PIPELINES", help="Packages with further kinds of question.")
]
Buckets = Annotated[
    str,
    typer.Option(envvar="DOCUMENT_BUCKETS", help="Buckets below DATA_DIR/buckets to read."),
]


@cli.command()
def run(  # noqa: PLR0913 - the options of the command line
    port: Annotated[int, typer.Option(min=0, max=65535, envvar="PORT")] = 8000,
    data_dir: Annotated[
        Path, typer.Option(envvar="DATA_DIR", help="The folder of the data.")
    ] = Path(".barback"),
    workers: Annotated[
        int, typer.Option(min=1, max=64, envvar="WORKERS", help="The number of worker processes.")
    ] = 1,
    durable: Annotated[  # noqa: FBT002 - an option of the command line
        bool, typer.Option(envvar="DURABLE", help="Let data survive a power failure.")
    ] = False,
    engine: Engine = "litert",
    allowed_origins: Annotated[
        str, typer.Option(envvar="ALLOWED_ORIGINS", help="Origins that may call the API.")
    ] = "",
    pipelines: Packages = "",
    *,
    document_buckets: Buckets = "",
) -> None:
    """Run the whole stack until Ctrl-C."""
    parameters = {
        "ModelEngine": engine,
        "AllowedOrigins": allowed_origins,
        "Pipelines": pipelines,
        "DocumentBuckets": document_buckets,
    }
    settings = StackSettings(port, data_dir, workers, durable=durable, parameters=parameters)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C during the start
    try:
        with running_stack(settings) as url:
            stop = SignalReceiver()
            vocabulary = Vocabulary.load(Artifacts.of(os.environ))
            typer.echo(greeting(url, vocabulary, data_dir.absolute()))
            stop.wait()
            typer.echo("Stopping.")
    except FAILURES as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("Interrupted before the stack was ready.", err=True)
        raise typer.Exit(INTERRUPTED) from None


@cli.command()
def demo(engine: Engine = "litert") -> None:
    """Start the stack, submit 100 tasks of 100 callers, and show the results."""
    from infra.local.demo import run_demo  # noqa: PLC0415 - `run` needs neither rich nor httpx2

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ctrl-C under make
    try:
        with running_stack(StackSettings(parameters={"ModelEngine": engine})) as url:
            succeeded = run_demo(url)
    except FAILURES as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("The demo was interrupted.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(0 if succeeded else 1)


if __name__ == "__main__":
    configure_logging()
    cli()
