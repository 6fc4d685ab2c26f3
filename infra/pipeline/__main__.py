"""The command line of `make pipeline`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.pipeline.package import NameRefused, create_package

cli = typer.Typer(add_completion=False, help="Create the package of a pipeline.")


@cli.command()
def create(
    name: Annotated[str, typer.Option(envvar="NAME", help="The name of the package.")] = "",
) -> None:
    """Create a folder with the types, the code and a test of a pipeline."""
    try:
        folder = create_package(name, Path())
    except NameRefused as error:
        typer.echo(f"barback: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Created {folder}. Its test, and a stack with it:")
    typer.echo("  .venv/bin/python -m pip install pytest")
    typer.echo(f"  .venv/bin/python -m pytest {folder}")
    typer.echo(f"  PIPELINES={name} make run")


if __name__ == "__main__":
    cli()
