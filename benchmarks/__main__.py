"""Print every benchmark: ratios within one run on one machine."""

from __future__ import annotations

from rich.console import Console

from benchmarks import engines


def main() -> None:
    """Run the benchmarks one after another."""
    Console().print(engines.compare())


if __name__ == "__main__":
    main()
