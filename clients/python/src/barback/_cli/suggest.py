"""The commands for one drink: `suggest` and `complete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from barback._cli.options import (
    Exclude,
    IgnoreUnknown,
    Json,
    Length,
    Metadata,
    Names,
    Novelty,
    Only,
    Timeout,
    TopK,
    WebhookUrl,
    metadata_in,
)
from barback._cli.result_formats import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from barback._cli.connection import Connection
    from barback._client import Barback
    from barback._responses import Result


def suggest(
    ctx: typer.Context,
    ingredients: Names = None,
    exclude: Exclude = None,
    only: Only = None,
    top_k: TopK = None,
    novelty: Novelty = None,
    ignore_unknown: IgnoreUnknown = False,
    metadata: Metadata = None,
    webhook: WebhookUrl = "",
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print ingredients to add to a drink with their probabilities, best first."""
    _answer(
        ctx,
        lambda bar: bar.suggest(
            ingredients or [],
            exclude=exclude,
            only=only,
            top_k=top_k,
            novelty=novelty,
            ignore_unknown=ignore_unknown,
            metadata=metadata_in(metadata),
            webhook=webhook,
            wait=timeout,
        ),
        lambda result: (f"{s.ingredient}\t{s.probability:.3f}" for s in result.suggestions),
        as_json=as_json,
    )


def complete(
    ctx: typer.Context,
    ingredients: Names = None,
    length: Length = None,
    exclude: Exclude = None,
    only: Only = None,
    novelty: Novelty = None,
    ignore_unknown: IgnoreUnknown = False,
    metadata: Metadata = None,
    webhook: WebhookUrl = "",
    timeout: Timeout = 30.0,
    as_json: Json = False,
) -> None:
    """Print the ingredients that complete a drink, in order."""
    _answer(
        ctx,
        lambda bar: bar.complete(
            ingredients or [],
            length=length,
            exclude=exclude,
            only=only,
            novelty=novelty,
            ignore_unknown=ignore_unknown,
            metadata=metadata_in(metadata),
            webhook=webhook,
            wait=timeout,
        ),
        lambda result: result.names,
        as_json=as_json,
    )


def _answer(
    ctx: typer.Context,
    ask: Callable[[Barback], Result],
    lines_of: Callable[[Result], Iterable[str]],
    *,
    as_json: bool,
) -> None:
    """Print the lines of the service's answer, or all of it as JSON."""
    connection: Connection = ctx.obj
    with connection.open() as bar:
        result = ask(bar)
    for line in [to_json(result)] if as_json else lines_of(result):
        typer.echo(line)
