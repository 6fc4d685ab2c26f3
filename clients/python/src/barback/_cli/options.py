"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Names = Annotated[list[str] | None, typer.Argument(help="Names; none of them asks for a base.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a task.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of tasks.")]
Exclude = Annotated[list[str] | None, typer.Option(help="A name not to suggest; repeatable.")]
Only = Annotated[list[str] | None, typer.Option(help="A name to choose from; repeatable.")]
TopK = Annotated[int | None, typer.Option(min=1, help="How many suggestions.")]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait in all.")]
Json = Annotated[bool, typer.Option("--json", help="Print all there is to know, as JSON.")]
