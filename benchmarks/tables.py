"""Runs the measuring processes and prints their measurements as tables."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rich.table import Table

from benchmarks import containers
from benchmarks import large_model as large_model_files
from benchmarks.process_runner import run_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MEGABYTE: Final = 1_000_000
ENGINES: Final = ("litert", "tensorflow")
ENGINE_ROUNDS: Final = 5
PROCESS_ROUNDS: Final = 7
CONTAINER_ROUNDS: Final = 5
# The stages that the first response of each function is compared with. The worker needs a model.
REFERENCES: Final = {"api": ("imports",), "worker": ("imports", "model")}
REFERENCE_TITLES: Final = {"imports": "its imports", "model": "its imports and model"}

T = TypeVar("T")
Stage = tuple[str, str]  # a function and one of the stages of `cold_start_process`


def engines() -> Table:
    """Measure the engines in alternation; the ratio is that of LiteRT to TensorFlow."""
    rounds = [
        [run_process("engine_process", engine) for engine in ENGINES] for _ in range(ENGINE_ROUNDS)
    ]
    table = Table(
        *("", *ENGINES, "ratio"),
        title=f"Engines with one thread, median of {ENGINE_ROUNDS} alternating rounds",
    )

    def add_row(title: str, values: list[list[float]], digits: str) -> None:
        medians = [f"{median(column):,.{digits}}" for column in zip(*values, strict=True)]
        table.add_row(title, *medians, f"{median(a / b for a, b in values):.3f}")

    seconds = [[engine.seconds for engine in found] for found in rounds]
    add_row("process start to first suggestion, s", seconds, "3f")
    memory = [[engine.reports[0]["resident_bytes"] / MEGABYTE for engine in r] for r in rounds]
    add_row("memory after it, MB", memory, "1f")
    for size in rounds[0][0].reports[1]:
        rates = [[engine.reports[1][size] for engine in found] for found in rounds]
        add_row(f"suggestions per second, batch size {size}", rates, "0f")
    return table


def large_model() -> Table:
    """Measure LiteRT with a model of the size of large data."""
    with TemporaryDirectory() as name:
        folder = Path(name, "model")
        large_model_files.write(folder)
        loaded = sum(f.stat().st_size for f in folder.iterdir() if f.name != "model.keras")
        rounds = [
            run_process("engine_process", "litert", MODEL_DIR=str(folder))
            for _ in range(ENGINE_ROUNDS)
        ]
    table = Table(
        *("", "litert"),
        title=f"{large_model_files.RECIPES:,} recipes over {large_model_files.INGREDIENTS:,} "
        f"names, one thread, median of {ENGINE_ROUNDS} rounds",
    )
    table.add_row("files that the worker loads, MB", f"{loaded / MEGABYTE:.1f}")
    seconds = median(measured.seconds for measured in rounds)
    table.add_row("process start to first suggestion, s", f"{seconds:.2f}")
    peak = median(measured.reports[2]["peak_bytes"] for measured in rounds)
    table.add_row("largest memory, MB", f"{peak / MEGABYTE:.0f}")
    for size in rounds[0].reports[1]:
        rate = median(measured.reports[1][size] for measured in rounds)
        table.add_row(
            f"suggestions per second, batches of {size}; ms per batch",
            f"{rate:,.0f}; {int(size) / rate * 1000:.1f}",
        )
    return table


def cold_start() -> Table:
    """Measure the time from the start of a function's process to its first response."""
    modules = {name: imported_modules(name) for name in REFERENCES}

    def start(function: str, stage: str) -> Any:
        return run_process(
            "cold_start_process", function, stage, MODULES=json.dumps(modules[function])
        )

    rounds = _alternate(start, PROCESS_ROUNDS)
    table = _cold_start_table("a process on one processor", PROCESS_ROUNDS, "memory, MB")
    seconds = [{stage: found.seconds for stage, found in each.items()} for each in rounds]
    for function, row in _cold_start_rows(seconds):
        responses = [each[function, "response"].reports[0] for each in rounds]
        memory = median(response["resident_bytes"] for response in responses) / MEGABYTE
        table.add_row(*row, f"{memory:,.1f}")
    return table


def imported_modules(function: str) -> list[str]:
    """Return the modules that a function has imported by its first response, in order."""
    [report] = run_process("cold_start_process", function, "modules").reports
    modules: list[str] = report["modules"]
    return modules


def container_cold_start() -> Table:
    """Measure the time from the start of a function's container to its first response."""
    modules = {name: containers.imported_modules(name) for name in REFERENCES}

    def start(function: str, stage: str) -> float:
        return containers.start(function, stage, modules[function])

    rounds = _alternate(start, CONTAINER_ROUNDS)
    table = _cold_start_table("a container under the emulator", CONTAINER_ROUNDS)
    for _, row in _cold_start_rows(rounds):
        table.add_row(*row)
    return table


def throughput() -> Table:
    """Measure the worker's handler, and compare it with its update calls and with the model."""
    [report] = run_process("throughput_process").reports
    events, size, seconds = report["events"], report["batch_size"], report["seconds"]
    rate = events * size / median(seconds["handler"])
    table = Table(
        *("compared with", "ratio", "handler, s", "reference, s"),
        title=f"The worker's handler on one processor, {events} events of {size} tasks, median of "
        f"{len(seconds['handler'])} alternating rounds: {rate:,.0f} tasks per second",
    )
    for name, title in {
        "updates in threads": f"its update calls alone, {report['threads']} threads",
        "updates": "its update calls alone, in sequence",
        "model": "the model alone",
    }.items():
        table.add_row(title, *_ratio(seconds["handler"], seconds[name]))
    return table


def request_cpu() -> Table:
    """Measure the CPU time of single requests through the handlers."""
    [report] = run_process("request_process").reports
    table = Table("request", "ms of CPU", title="CPU time per request, on one processor")
    for request, milliseconds in report.items():
        table.add_row(request, f"{milliseconds:.2f}")
    return table


def document() -> Table:
    """Measure the worker's handler with large documents; each row is one round."""
    reports = run_process("document_process").reports
    table = Table(
        *("document", "drinks", "invocations", "worker time, s", "its CPU, s"),
        *("drinks per second", "memory, MB"),
        title="Documents on one processor",
    )
    for report in reports:
        table.add_row(
            report["document"],
            f"{report['drinks']:,}",
            str(report["invocations"]),
            f"{report['seconds']:.2f}",
            f"{report['processor_seconds']:.2f}",
            f"{report['drinks'] / report['seconds']:,.0f}",
            f"{report['resident_bytes'] / MEGABYTE:.0f}",
        )
    return table


def _alternate(start: Callable[[str, str], T], rounds: int) -> list[dict[Stage, T]]:
    stages = [
        (function, stage)
        for function, references in REFERENCES.items()
        for stage in ("response", *references)
    ]
    return [{stage: start(*stage) for stage in stages} for _ in range(rounds)]


def _cold_start_table(subject: str, rounds: int, *more: str) -> Table:
    return Table(
        *("function", "compared with", "ratio", "response, s", "reference, s", *more),
        title=f"Start of {subject} to its first response, median of {rounds} alternating rounds",
    )


def _cold_start_rows(rounds: Sequence[dict[Stage, float]]) -> Iterator[tuple[str, Sequence[str]]]:
    for function, references in REFERENCES.items():
        responses = [seconds[function, "response"] for seconds in rounds]
        for stage in references:
            reference = [seconds[function, stage] for seconds in rounds]
            yield function, (function, REFERENCE_TITLES[stage], *_ratio(responses, reference))


def _ratio(seconds: Sequence[float], reference: Sequence[float]) -> tuple[str, str, str]:
    """Return the median of the ratios by round, and both medians."""
    ratio = median(a / b for a, b in zip(seconds, reference, strict=True))
    return f"{ratio:.2f}", f"{median(seconds):.3f}", f"{median(reference):.3f}"
