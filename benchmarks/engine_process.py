"""A process that measures one engine: `python -m benchmarks.engine_process ENGINE`.

It reports its memory after the first suggestion, then the suggestions per second by batch size.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Final

from benchmarks.process_report import reporting, resident_bytes
from suggester.artifacts import DEFAULT, Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester

BATCH_SIZES: Final = (1, 10, 100, 1000)
SECONDS: Final = 1.0  # for each batch size
CORPUS: Final = DEFAULT.parent / "training/corpus/drinks.jsonl"


def main(engine: str) -> None:
    """Measure an engine on one processor."""
    with reporting() as report:
        suggester = Suggester.load(Artifacts.open(), engine)
        suggester.answer([Request(("milk", "strawberry"))])
        report({"resident_bytes": resident_bytes()})
        requests = corpus_requests(suggester)
        report({str(size): throughput(suggester, requests, size) for size in BATCH_SIZES})


def corpus_requests(suggester: Suggester) -> list[Request]:
    """Return the drinks of the corpus as requests, each without its last ingredient."""
    requests = []
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        entries = map(suggester.vocabulary.find, json.loads(line)["ingredients"])
        requests.append(Request(tuple(entry.id for entry in entries if entry is not None)[:-1]))
    return requests


def throughput(suggester: Suggester, requests: list[Request], size: int) -> float:
    """Answer batches of that size for a while and return the suggestions per second."""
    batches = [
        [requests[(start + offset) % len(requests)] for offset in range(size)]
        for start in range(0, 1000, size)
    ]
    suggester.answer(batches[0])
    answered, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        suggester.answer(batches[answered // size % len(batches)])
        answered += size
    return answered / elapsed


if __name__ == "__main__":
    main(sys.argv[1])
