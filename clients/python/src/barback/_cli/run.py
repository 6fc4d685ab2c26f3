"""The command for an input of any kind: `run`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from barback._cli.connection import Connection
from barback._cli.console import print_message
from barback._cli.exit_codes import exit_code_for_results
from barback._cli.input_file import NAME_LISTS, parse_json, read_object
from barback._cli.options import (
    Deadline,
    IdempotencyKey,
    IgnoreUnknown,
    Json,
    Metadata,
    ObjectFile,
    Priority,
    Timeout,
    WebhookUrl,
    kinds_in,
    metadata_in,
)
from barback._cli.result_formats import answer_of, to_json
from barback._errors import ApiError, field_errors

# The command line passes the options that it does not know to the command.
ANY_OPTION: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
# The arguments of the client that are no fields, and the command line's own names for them.
NOT_FIELDS: Final = {
    "kind": "KIND",
    "wait": "--timeout",
    "ignore_unknown": "--ignore-unknown",
    "idempotency_key": "--idempotency-key",
    "webhook": "--webhook",
}


def run(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="A kind, or several with commas between them.")
    ],
    file: ObjectFile = None,
    priority: Priority = None,
    deadline_seconds: Deadline = None,
    metadata: Metadata = None,
    ignore_unknown: IgnoreUnknown = False,
    idempotency_key: IdempotencyKey = "",
    webhook: WebhookUrl = "",
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Answer an input of any kind, and print the answer as a JSON object.

    Each other option is a field of the kind: --top-k 3 gives top_k the value 3. A value is JSON if
    it can be read as JSON, and otherwise text. A repeated option is a list, and --ingredients,
    --exclude and --only always are.
    """
    connection: Connection = ctx.obj
    kinds = kinds_in(kind)
    given = {
        "priority": priority,
        "deadline_seconds": deadline_seconds,
        "metadata": metadata_in(metadata),
    }
    options = {name: value for name, value in given.items() if value is not None}
    fields = _joined(file, _read_options(kind, ctx.args) | options)
    with connection.open() as bar, _named_options():
        result = bar.run(
            kinds,
            ignore_unknown=ignore_unknown,
            idempotency_key=idempotency_key,
            webhook=webhook,
            wait=timeout,
            **fields,
        )
    typer.echo(to_json(result if as_json else answer_of(result)))
    for failed, reason in result.failed_parts.items():
        print_message(f"{failed}: {reason.detail}")
    raise typer.Exit(exit_code_for_results([result]))


def _joined(file: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields in a file and in the options."""
    fields = read_object(file) if file else {}
    if twice := next((name for name in options if name in fields), None):
        raise typer.BadParameter(f"{twice} is in {file} and an option. Remove one of them.")
    fields |= options
    if wrong := next((name for name in NOT_FIELDS if name in fields), None):
        raise typer.BadParameter(f"An input has no field {wrong!r}. Use {NOT_FIELDS[wrong]}.")
    return fields


@contextmanager
def _named_options() -> Iterator[None]:
    """Name the options in the message of a refusal, instead of the fields."""
    try:
        yield
    except ApiError as error:
        if not (errors := field_errors(error, 0)):
            raise
        named = [f"{_option(field)}: {reason}" for field, reason in errors]
        problem = {**error.problem, "detail": "; ".join(named) + "."}
        raise ApiError(error.status, problem, error.retry_after) from error


def _option(field: str) -> str:
    return "KIND" if field.startswith("kind") else f"--{field.replace('_', '-')}"


def _read_options(kind: str, arguments: list[str]) -> dict[str, Any]:
    """Return the fields in `--name value` and `--name=value`."""
    if kind.startswith("-"):
        raise typer.BadParameter("Write the kind first: barback run KIND --field value.")
    given: list[tuple[str, str]] = []
    rest = iter(arguments)
    for argument in rest:
        option, has_value, value = argument.partition("=")
        if not option.startswith("--") or option == "--":
            raise typer.BadParameter(f"{argument!r} has no field. Write --field {argument}.")
        if not has_value:
            value = next(rest, "--")
            if value.startswith("--"):
                raise typer.BadParameter(f"{option} has no value. Write {option} VALUE.")
        given.append((option[2:].replace("-", "_"), value))
    counts = Counter(name for name, _ in given)
    fields: dict[str, Any] = {}
    for name, text in given:
        value = _read_value(name, text)
        if name in NAME_LISTS:
            fields.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        elif counts[name] > 1:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return fields


def _read_value(name: str, text: str) -> Any:
    """Return JSON, or else the text. A name is a text, unless it is in a list."""
    if name in NAME_LISTS and not text.startswith("["):
        return text
    try:
        return parse_json(text)
    except json.JSONDecodeError:
        return text
    except (ValueError, RecursionError) as error:
        if text[0] not in "[{":
            return text
        raise typer.BadParameter(f"{_option(name)}: {error}") from error
