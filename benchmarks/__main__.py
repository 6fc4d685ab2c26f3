"""Prints every benchmark. Ratios compare measurements of one run on one machine."""

from __future__ import annotations

from rich.console import Console

from benchmarks import comparison, containers, services, tables


def main() -> None:
    """Run the benchmarks one after another."""
    console = Console()
    console.print(tables.engines())
    console.print(tables.cold_start())
    if reason := containers.unavailable():
        console.print(f"Skipped the cold start in containers: {reason}.")
    else:
        console.print(tables.container_cold_start())
    console.print(tables.throughput())
    console.print(tables.request_cpu())
    console.print(tables.document())
    if reason := services.unavailable():
        console.print(f"Skipped the comparison with the predecessor: {reason}.")
    else:
        console.print(comparison.compare())


if __name__ == "__main__":
    main()
