"""The command for agents: `mcp`."""

from __future__ import annotations

import asyncio

import typer

from barback._cli.connection import Connection


def mcp(ctx: typer.Context) -> None:
    """Serve the Model Context Protocol on standard input and output, for an agent.

    The agent starts this command and gets tools to suggest, complete, substitute and extract, and
    to submit a file and follow it. A file is read only if its path is passed to the tool.
    """
    try:
        from barback._cli.mcp_server import serve  # noqa: PLC0415 - the only use of an extra
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "pydantic"):
            raise
        raise typer.BadParameter(
            "This command needs the package mcp. Install it: pip install 'barback[mcp]'"
        ) from error
    connection: Connection = ctx.obj
    asyncio.run(serve(connection))
