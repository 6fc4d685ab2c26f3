"""The tools for agents. Their parameters are fields of a drink, with the same descriptions."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, ParamSpec, TypeVar

import typer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from barback._cli.input_file import read_lines
from barback._cli.result_formats import answer_of
from barback._cli.terms import in_terms_of_a_tool
from barback._drink import Drink
from barback._errors import BarbackError, require_success
from barback._service import DEFAULT_WAIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from barback._async_client import AsyncBarback
    from barback._responses import LineResult, Part, Result

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", "Result", "LineResult")
A = TypeVar("A", "Result", "LineResult", "Part")
ARGUMENT: Final = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)
DESCRIPTIONS: Final = {
    name: " ".join(text.split()) for name, text in ARGUMENT.findall(inspect.getdoc(Drink) or "")
}


def _field(name: str) -> Any:
    return Field(description=DESCRIPTIONS.get(name))


Ingredients = Annotated[list[str], _field("ingredients")]
Exclude = Annotated[list[str] | None, _field("exclude")]
Only = Annotated[list[str] | None, _field("only")]
TopK = Annotated[int | None, _field("top_k")]
Length = Annotated[int | None, _field("length")]
Novelty = Annotated[float | None, _field("novelty")]
Kind = Annotated[str | None, _field("kind")]
IgnoreUnknown = Annotated[
    bool, Field(description="Leave out unknown names instead of refusing them, except in exclude.")
]
Wait = Annotated[float, Field(ge=0, description="The seconds to wait in total.")]
JsonObject = dict[str, Any]


def _with_tool_errors(call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Return the tool with each expected error as an error of the tool, in its terms."""

    @functools.wraps(call)
    async def tool(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except OSError as error:
            raise ToolError(f"{error.filename}: {error.strerror or error}.") from error
        except typer.BadParameter as error:
            raise ToolError(error.message) from error
        except (BarbackError, ValueError) as error:
            raise ToolError(in_terms_of_a_tool(str(error))) from error

    return tool


class Tools:
    """The tools of one client. The docstring of each is its description."""

    def __init__(self, bar: AsyncBarback) -> None:
        self._bar = bar

    @_with_tool_errors
    async def suggest(
        self,
        ingredients: Ingredients,
        exclude: Exclude = None,
        only: Only = None,
        top_k: TopK = None,
        novelty: Novelty = None,
        ignore_unknown: IgnoreUnknown = False,
        wait: Wait = DEFAULT_WAIT,
    ) -> JsonObject:
        """Suggest ingredients to add to a drink with their probabilities, best first."""
        result = await self._bar.suggest(
            ingredients,
            exclude=exclude,
            only=only,
            top_k=top_k,
            novelty=novelty,
            ignore_unknown=ignore_unknown,
            wait=wait,
        )
        return answer_of(result)

    @_with_tool_errors
    async def complete(
        self,
        ingredients: Ingredients,
        length: Length = None,
        exclude: Exclude = None,
        only: Only = None,
        novelty: Novelty = None,
        ignore_unknown: IgnoreUnknown = False,
        wait: Wait = DEFAULT_WAIT,
    ) -> JsonObject:
        """Suggest the ingredients that finish a drink; their names are separated by `;`."""
        result = await self._bar.complete(
            ingredients,
            length=length,
            exclude=exclude,
            only=only,
            novelty=novelty,
            ignore_unknown=ignore_unknown,
            wait=wait,
        )
        return answer_of(result)

    @_with_tool_errors
    async def substitute(
        self,
        ingredients: Ingredients,
        ingredient: Annotated[str, Field(description="The one of `ingredients` to replace.")],
        exclude: Exclude = None,
        only: Only = None,
        top_k: TopK = None,
        novelty: Novelty = None,
        ignore_unknown: IgnoreUnknown = False,
        wait: Wait = DEFAULT_WAIT,
    ) -> JsonObject:
        """Suggest what could replace an ingredient of a drink, best first."""
        options: JsonObject = {"exclude": exclude, "only": only, "top_k": top_k, "novelty": novelty}
        result = await self._bar.run(
            "substitute",
            ingredients=ingredients,
            ingredient=ingredient,
            ignore_unknown=ignore_unknown,
            wait=wait,
            **{name: value for name, value in options.items() if value is not None},
        )
        return answer_of(result)

    @_with_tool_errors
    async def extract(
        self,
        text: Annotated[str, Field(description="A recipe or a list in English or Russian.")],
        wait: Wait = DEFAULT_WAIT,
    ) -> JsonObject:
        """Find the ingredients in a text with quantities, and the names that it excludes.

        Pass the names in `excluded` to other tools as `exclude`, and each allergy in the text that
        is missing there. Ask the user about `not_understood`.
        """
        return answer_of(await self._bar.run("extract", text=text, wait=wait))

    @_with_tool_errors
    async def submit_file(
        self,
        path: Annotated[
            str,
            Field(
                description="A file that the user named, with one drink per line: names separated"
                " by `;`, or JSON."
            ),
        ],
        kind: Kind = None,
        exclude: Exclude = None,
        only: Only = None,
        top_k: TopK = None,
        novelty: Novelty = None,
    ) -> JsonObject:
        """Submit the drinks of a file, and return the id of their task for `follow`.

        The options apply to each line that does not have the field itself. `exclude` applies to
        every line: a line can add exclusions but not remove them.
        """
        defaults = Drink(kind=kind, exclude=exclude, only=only, top_k=top_k, novelty=novelty)
        content = await asyncio.to_thread(_read_document, path, defaults)
        task = await self._bar.submit_document(content)
        return {"task_id": task.task_id, "status": task.status}

    @_with_tool_errors
    async def follow(
        self,
        task_id: Annotated[str, Field(description="The id of a task.")],
        wait: Wait = DEFAULT_WAIT,
        first_line: Annotated[int, Field(ge=1, description="The first line to return.")] = 1,
        limit: Annotated[int, Field(ge=1, description="The most lines to return.")] = 100,
    ) -> JsonObject:
        """Return the progress of a task, or its answer: for a file, the answers to its lines."""
        result = await self._bar.result(task_id, wait=wait)
        if not result.is_final:
            progress = {"progress": asdict(result.progress)} if result.progress else {}
            return {"task_id": task_id, "status": result.status, **progress}
        require_success(result)
        if result.document is None:
            return {"task_id": task_id, "status": result.status, "answer": _answer_of(result)}
        return await self._lines(result, first_line, limit)

    async def _lines(self, result: Result, first: int, limit: int) -> JsonObject:
        lines = [line for line in await self._bar.lines(result) if line.line >= first]
        answers = [{"line": line.line, "answer": _answer_of(line)} for line in lines[:limit]]
        counts = {name: getattr(result.document, name) for name in ("answered", "failed")}
        following = {"next_line": lines[limit].line} if len(lines) > limit else {}
        found = {"task_id": result.task_id, "status": result.status, **counts, "lines": answers}
        return {**found, **following}

    @_with_tool_errors
    async def ingredients(
        self,
        part: Annotated[str, Field(description="A part of the names to list.")],
        limit: Annotated[int, Field(ge=1, description="The most names to list.")] = 20,
    ) -> list[str]:
        """List the names of ingredients that the model knows."""
        found = await self._bar.ingredients(part, limit=limit)
        return [ingredient.name for ingredient in found]

    @_with_tool_errors
    async def groups(self) -> list[str]:
        """List the groups that `exclude` takes, such as `group:dairy`."""
        return [group.group for group in await self._bar.groups()]


def _answer_of(found: R) -> JsonObject:
    """Return an answer; the reasons of failures are in the terms of a tool."""
    parts = {kind: _in_own_terms(part) for kind, part in found.parts.items()}
    return answer_of(replace(_in_own_terms(found), parts=parts))


def _in_own_terms(found: A) -> A:
    error = found.error
    return replace(found, error=error and replace(error, detail=in_terms_of_a_tool(error.detail)))


def _read_document(path: str, defaults: Drink) -> bytes:
    """Read the drinks of a file into a document that has each one on the same line."""
    source = str(Path(path).expanduser().absolute())  # `-` is a file here, too
    drinks = {line.number: line.drink for line in read_lines(source, defaults, strict=True)}
    lines = (drinks.get(number) for number in range(1, max(drinks) + 1))
    texts = (json.dumps(line.to_json(), ensure_ascii=False) if line else "" for line in lines)
    return "\n".join(texts).encode()
