"""The arguments and options of the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from barback._drink import Drink


def _checked_novelty(value: float | None) -> float | None:
    try:
        return Drink(novelty=value).novelty
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def kinds_in(text: str) -> str | list[str]:
    """Return a kind, or the kinds in a list with commas between them."""
    kinds = [kind.strip() for kind in text.split(",")]
    if not all(kinds):
        raise typer.BadParameter(
            "A kind is missing. Write a kind, or several such as next,complete."
        )
    return kinds if len(kinds) > 1 else kinds[0]


def metadata_in(pairs: list[str] | None) -> dict[str, str] | None:
    """Return the texts in `NAME=VALUE` by their names."""
    if not pairs:
        return None
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign):
            raise typer.BadParameter(f"{pair!r} is no metadata. Write --metadata NAME=VALUE.")
        if name in found:
            raise typer.BadParameter(f"The metadata {name!r} occurs twice. Keep one of them.")
        found[name] = value
    return found


Names = Annotated[
    list[str] | None,
    typer.Argument(help="Names of ingredients. Without any, the service suggests a base."),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a task.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="The ids of tasks.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        help="A name that must not be suggested, or a group such as group:dairy. Repeat for more."
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Suggest this name only. Repeat to allow more."),
]
Length = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="The number of ingredients in the finished drink. By default, the model decides.",
    ),
]
Kind = Annotated[
    str,
    typer.Option(help="The kind of lines without one, or several with commas between them."),
]
TopK = Annotated[int | None, typer.Option(min=1, help="The number of suggestions.")]
Novelty = Annotated[
    float | None,
    typer.Option(help="From 0, the usual, to 1, the surprising.", callback=_checked_novelty),
]
IgnoreUnknown = Annotated[
    bool,
    typer.Option(
        "--ignore-unknown",
        help="Leave out unknown names instead of refusing them, but never those of --exclude.",
    ),
]
Timeout = Annotated[float, typer.Option(min=0, help="The seconds to wait in total.")]
Json = Annotated[bool, typer.Option("--json", help="Print every field, as JSON.")]

InputFile = Annotated[
    str,
    typer.Argument(
        help="A file with one drink per line: names separated by `;`, or JSON. Use `-` for standard"
        " input."
    ),
]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the results and print them.")]
ResultFormat = Annotated[
    Literal["csv", "json"], typer.Option("--format", help="The format of the results.")
]
Output = Annotated[
    Path | None, typer.Option("--output", help="Write the results to this file.", dir_okay=False)
]
AsDocument = Annotated[
    bool | None,
    typer.Option(
        "--document/--no-document",
        help="Submit the file as one task, or as one task for each drink. By default, the file is"
        " one task with --wait, unless a drink has a priority, a deadline or metadata, or with"
        " --strict or --ignore-unknown.",
        show_default=False,
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Submit nothing if a line cannot be read, and stop at a drink that the service"
        " refuses. By default, such a line fails alone.",
    ),
]
ResumeFilePath = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="The file that `submit` named.", exists=True, dir_okay=False
    ),
]
Priority = Annotated[
    Literal["interactive", "bulk"] | None,
    typer.Option(help="Bulk waits behind interactive. The lines of a file are bulk by default."),
]
Deadline = Annotated[
    int | None, typer.Option(min=1, help="The seconds after which the task fails.")
]
ObjectFile = Annotated[
    str | None,
    typer.Option(
        "--input", help="A file with a JSON object of fields. Use `-` for standard input."
    ),
]
WebhookUrl = Annotated[
    str,
    typer.Option(
        "--webhook",
        metavar="URL",
        help="Where the service delivers the results, such as the URL of `barback webhook listen`.",
    ),
]
IdempotencyKey = Annotated[
    str, typer.Option(help="A second submission with the same key creates no new tasks.")
]
Metadata = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE", help="A text of your own, which the results repeat. Repeat for more."
    ),
]
