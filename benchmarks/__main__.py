"""Print every benchmark: ratios within one run on one machine."""

from __future__ import annotations

from rich.console import Console

from benchmarks import cold_start, containers, document, engines, throughput
from benchmarks.scenario import comparison, services


def main() -> None:
    """Run the benchmarks one after another."""
    console = Console()
    console.print(engines.compare())
    console.print(cold_start.compare())
    if reason := containers.missing():
        console.print(f"Cold start in containers was left out: {reason}.")
    else:
        console.print(containers.compare())
    console.print(throughput.compare())
    console.print(document.compare())
    if reason := services.missing():
        console.print(f"The predecessor's design was left out: {reason}.")
    else:
        console.print(comparison.compare())


if __name__ == "__main__":
    main()
