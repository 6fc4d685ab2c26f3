"""The server of the Model Context Protocol: the client's calls as tools.

Source: https://modelcontextprotocol.io
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError, create_model

from barback._cli.mcp_tools import Tools
from barback._version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        tools=[StrictTool.of(call) for call in calls],
    )


class StrictTool(Tool):
    """A tool that refuses unknown arguments: a misspelled `exclude` may be an allergy."""

    @classmethod
    def of(cls, call: Callable[..., Any]) -> Tool:
        """Create a tool from a function; its docstring is the description."""
        found = cls.from_function(
            call,
            description=inspect.getdoc(call),
            # An agent may ask the user before it sends a file.
            annotations=ToolAnnotations(read_only_hint=call.__name__ != "submit_file"),
        )
        arguments = found.fn_metadata.arg_model
        strict = create_model(
            arguments.__name__, __base__=arguments, __cls_kwargs__={"extra": "forbid"}
        )
        found.fn_metadata.arg_model = strict
        found.parameters = strict.model_json_schema(by_alias=True)
        return found

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        """Run the tool, and name wrong arguments in one sentence each."""
        try:
            return await super().run(*args, **kwargs)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            reasons = map(self._reason, error.__cause__.errors())
            raise ToolError(f"Error executing tool {self.name}: {' '.join(reasons)}") from error

    def _reason(self, error: Mapping[str, Any]) -> str:
        place = ".".join(map(str, error["loc"]))
        if error["type"] == "extra_forbidden":
            names = ", ".join(self.parameters["properties"]) or "none"
            return f"{place}: there is no such argument; the arguments are {names}."
        return f"{place}: {error['msg']}."
