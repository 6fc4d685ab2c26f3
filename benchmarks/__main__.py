"""Prints every benchmark. Ratios compare measurements of one run on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import (
    comparison,
    containers,
    figures,
    local_stack,
    services,
    tables,
    webhooks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure


def main() -> None:
    """Run the benchmarks one after another."""
    console = Console()
    console.print(tables.engines())
    console.print(tables.large_model())
    console.print(tables.cold_start())
    if reason := containers.unavailable():
        console.print(f"Skipped the cold start in containers: {reason}.")
    else:
        console.print(tables.container_cold_start())
    console.print(tables.throughput())
    console.print(tables.request_cpu())
    console.print(tables.document())
    console.print(figures.tabulate(_figures(console)))


def _figures(console: Console) -> Iterator[Figure]:
    """Measure the stack on one machine."""
    if reason := services.unavailable():
        console.print(f"Skipped the comparison with Celery and Redis: {reason}.")
    else:
        yield from comparison.figures()
    yield from local_stack.figures()
    yield webhooks.figure()


if __name__ == "__main__":
    main()
