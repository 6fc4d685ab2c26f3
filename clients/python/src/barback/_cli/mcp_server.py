"""The server of the Model Context Protocol: the client's calls as tools.

Source: https://modelcontextprotocol.io
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool
from pydantic import create_model

from barback._cli.mcp_tools import Tools
from barback._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from barback._async_client import AsyncBarback
    from barback._cli.connection import Connection

INSTRUCTIONS: Final = (
    "Suggests ingredients of drinks. Pass each allergy of the user in `exclude`, in every call: the"
    " service honours all names in it or refuses the call."
)


async def serve(connection: Connection) -> None:
    """Serve the tools on standard input and output until the input ends."""
    async with connection.open_async() as bar:
        await create_server(bar).run_stdio_async()


def create_server(bar: AsyncBarback) -> MCPServer:
    """Create the server. Its log omits errors of tools, which may repeat the user's input."""
    tools = Tools(bar)
    calls = (
        tools.suggest,
        tools.complete,
        tools.substitute,
        tools.extract,
        tools.submit_file,
        tools.follow,
        tools.ingredients,
        tools.groups,
    )
    return MCPServer(
        "barback",
        version=VERSION,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        tools=[_strict_tool(call) for call in calls],
    )


def _strict_tool(call: Callable[..., Any]) -> Tool:
    """Return a tool that refuses unknown arguments: a misspelled `exclude` may be an allergy."""
    tool = Tool.from_function(call)
    arguments = tool.fn_metadata.arg_model
    strict = create_model(
        arguments.__name__, __base__=arguments, __cls_kwargs__={"extra": "forbid"}
    )
    tool.fn_metadata.arg_model = strict
    tool.parameters = strict.model_json_schema(by_alias=True)
    return tool
