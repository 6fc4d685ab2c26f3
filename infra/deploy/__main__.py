"""The command line: `python -m infra.deploy --stage dev`."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer


class Architecture(StrEnum):
    """The processors that the functions can be built for."""

    X86_64 = "x86_64"
    ARM64 = "arm64"


cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@cli.command()
def main(
    stage: Annotated[str, typer.Option(help="A section of samconfig.toml.")] = "dev",
    architecture: Annotated[
        Architecture | None, typer.Option(help="Replaces the one of samconfig.toml.")
    ] = None,
    keep_versions: Annotated[
        int, typer.Option(min=0, help="How many versions before the used one are kept.")
    ] = 2,
) -> None:
    """Build a stage and deploy it to AWS; exit with sam's exit status if sam fails."""
    from infra.deploy.errors import DeployError, SamFailed  # noqa: PLC0415 - Ctrl-C during imports

    try:
        _deploy(stage, architecture, keep_versions)
    except DeployError as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(error.status if isinstance(error, SamFailed) else 1) from error


def _deploy(stage_name: str, architecture: str | None, keep_versions: int) -> None:
    from infra.deploy.account import open_clients, open_session  # noqa: PLC0415
    from infra.deploy.command import run_command  # noqa: PLC0415
    from infra.deploy.run import Options, Tools, deploy  # noqa: PLC0415
    from infra.deploy.sam import sam_environment  # noqa: PLC0415
    from infra.deploy.stages import ROOT, read_stage  # noqa: PLC0415
    from infra.local.template import read_template  # noqa: PLC0415

    stage = read_stage(stage_name)
    session = open_session(stage)
    clients = open_clients(session)
    python = read_template()["Resources"]["ApiFunction"]["Properties"]["Runtime"]
    environment = sam_environment(python, session.region_name, os.environ)
    tools = Tools(environment, partial(run_command, folder=ROOT), typer.echo)
    options = Options(architecture, keep_versions)
    deploy(stage, session.region_name, clients, tools, options)


if __name__ == "__main__":
    cli()
