"""A process that is measured: it loads an engine, answers once, and says what that took.

Run as `python -m benchmarks.engine_process ENGINE`; prints one line of JSON when the first suggestion is
there, then one with the suggestions per second by size of batch.
"""

from __future__ import annotations

import json
import os
import sys
import time

from benchmarks.aws_stub import resident_bytes
from suggester.artifacts import DEFAULT, Artifacts
from suggester.requests import Request
from suggester.suggester import Suggester

BATCHES = (1, 10, 100, 1000)
SECONDS = 1.0  # for each size of batch
CORPUS = DEFAULT.parent / "training/corpus/drinks.jsonl"


def main(engine: str) -> None:
    """Measure an engine on one processor."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    suggester = Suggester.load(Artifacts.open(), engine)
    suggester.answer([Request(("milk", "strawberry"))])
    print(json.dumps({"rss": resident_bytes()}), flush=True)
    drinks = corpus(suggester)
    print(json.dumps({size: throughput(suggester, drinks, size) for size in BATCHES}), flush=True)


def corpus(suggester: Suggester) -> list[Request]:
    """Return the drinks of the corpus, each less its last ingredient."""
    requests = []
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        found = [suggester.vocabulary.find(name) for name in json.loads(line)["ingredients"]]
        requests.append(Request(tuple(entry.id for entry in found if entry is not None)[:-1]))
    return requests


def throughput(suggester: Suggester, drinks: list[Request], size: int) -> float:
    """Answer batches for a while and return the suggestions per second."""
    batches = [[drinks[(at + n) % len(drinks)] for n in range(size)] for at in range(0, 1000, size)]
    suggester.answer(batches[0])
    done, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        suggester.answer(batches[done // size % len(batches)])
        done += size
    return done / elapsed


if __name__ == "__main__":
    main(sys.argv[1])
