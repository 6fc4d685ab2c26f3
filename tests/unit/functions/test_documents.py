from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from functions.worker.documents import BATCH, MAX_LINES, DocumentWorker, Finished
from functions.worker.errors import Permanent, Transient
from tasks.model import ErrorType, TaskMessage
from tests.fakes import NOW, FakeClock, InMemoryDocuments, InMemoryTaskQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.worker.documents import Line

KEY = "uploads/me/d1.txt"
RESULT = "results/me/t1-v1.jsonl"


class Bench:
    """A document worker that answers each line with its number, `bad` ones with an error."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.documents = InMemoryDocuments(chunk=1000)
        self.queue = InMemoryTaskQueue()
        self.batches: list[int] = []
        self.worker = DocumentWorker(
            documents=self.documents,
            queue=self.queue,
            lines_of=lambda _input, _form: self.answer,
            model="v1",
            clock=self.clock,
            reserve=5.0,
        )

    def answer(self, lines: Sequence[Line]) -> tuple[list[str], int]:
        self.clock.now += 1
        self.batches.append(len(lines))
        failed = sum(line.strip() == b"bad" for _, line in lines)
        return [json.dumps({"line": number, "is": line.decode()}) for number, line in lines], failed

    def upload(self, *lines: str) -> None:
        self.documents.files[KEY] = "\n".join(lines).encode()

    def run(self, message: TaskMessage | None = None, seconds: float = 100.0) -> Finished | None:
        ends_at = self.clock.now + seconds
        message = message or TaskMessage("t1", "me", {"document": KEY}, NOW + 900)
        return self.worker.run(message, lambda: ends_at - self.clock.now)

    def finish(self, seconds: float) -> Finished:
        """Let invocations of so many seconds follow each other until one finishes."""
        finished = self.run(seconds=seconds)
        for _ in range(100):
            if finished is not None:
                return finished
            finished = self.run(self.queue.messages.pop(), seconds)
        raise AssertionError("It is not finished after 100 invocations.")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.documents.files[RESULT].splitlines()]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_document_is_answered_line_by_line(bench: Bench) -> None:
    """Counts are in the result, answers in a file; blank lines count for their number alone."""
    bench.upload("\ufeffone", "", "bad\r", "  ", "five")
    finished = bench.run()
    document = {"key": RESULT, "lines": 3, "answered": 2, "failed": 1}
    assert finished == Finished({"document": document, "model": "v1"}, NOW, 1.0)
    assert bench.lines() == [
        {"line": 1, "is": "one\n"},
        {"line": 3, "is": "bad\r\n"},
        {"line": 5, "is": "five"},
    ]


def test_it_streams_by_a_thousand(bench: Bench) -> None:
    """No more than a batch of lines is answered at once."""
    bench.upload(*["x"] * (2 * BATCH + 1))
    bench.run()
    assert bench.batches == [BATCH, BATCH, 1]


@pytest.mark.parametrize("seconds", [8.5, 9.5, 10.5, 20.0])
def test_it_hands_over_and_loses_nothing(bench: Bench, seconds: float) -> None:
    """However short the invocations, the file is the same as that of a long one."""
    bench.upload(*[f"drink {number}" for number in range(5 * BATCH + 10)])
    whole = bench.run()
    assert whole is not None
    expected = bench.documents.files.pop(RESULT)
    finished = bench.finish(seconds)
    assert bench.documents.files[RESULT] == expected
    assert finished.result == whole.result
    assert finished.seconds == pytest.approx(6.0)


def test_a_message_that_comes_twice_harms_nothing(bench: Bench) -> None:
    """Two chains of invocations, of different lengths, write the same answers."""
    bench.upload(*[f"drink {number}" for number in range(6 * BATCH)])
    bench.run()
    expected = bench.documents.files.pop(RESULT)
    assert bench.run(seconds=6.5) is None
    assert bench.run(seconds=8.5) is None
    chains = bench.queue.messages[:]
    bench.queue.messages.clear()
    for _ in range(20):
        chains = [
            message
            for chain in chains
            if bench.run(chain, 8.5) is None
            for message in [bench.queue.messages.pop()]
        ]
    assert chains == []
    assert bench.documents.files[RESULT] == expected


def test_the_parts_are_joined_when_there_is_time(bench: Bench) -> None:
    """A document that is read to its end without time to join is handed over once more."""
    bench.upload(*["x"] * (2 * BATCH))
    assert bench.run(seconds=6.0) is None
    [message] = bench.queue.messages
    assert bench.run(message, seconds=7.5) is None
    message = bench.queue.messages[-1]
    assert message.input["progress"]["is_read"] is True
    assert bench.run(message, seconds=15.0) is not None
    assert len(bench.lines()) == 2 * BATCH


def test_the_answers_are_written_when_there_is_time(bench: Bench) -> None:
    """The end of a document is not begun in the last seconds, even if it has one part only."""
    bench.upload(*["x"] * (2 * BATCH))
    assert bench.run(seconds=8.5) is None
    assert bench.run(bench.queue.messages.pop(), seconds=15.0) is not None
    assert len(bench.lines()) == 2 * BATCH


def test_a_missing_document_fails_for_good(bench: Bench) -> None:
    """Its owner is told to upload it."""
    with pytest.raises(Permanent, match="upload it") as caught:
        bench.run()
    assert caught.value.error.type is ErrorType.DOCUMENT_MISSING


def test_a_document_of_too_many_drinks_fails_for_good(bench: Bench) -> None:
    """A hundred thousand are taken, blank lines aside, and one more is not."""
    bench.upload(*["x"] * MAX_LINES, "", "")
    assert bench.run(seconds=1000) is not None
    bench.upload(*["x"] * MAX_LINES, "x")
    with pytest.raises(Permanent, match="at most 100000") as caught:
        bench.run(seconds=1000)
    assert caught.value.error.type is ErrorType.DOCUMENT_TOO_LONG


def test_a_store_that_does_not_answer_is_asked_later(bench: Bench) -> None:
    """It is a fault for now."""
    bench.upload("x")
    bench.documents.unavailable = True
    with pytest.raises(Transient):
        bench.run()


def test_an_empty_document_has_an_empty_answer(bench: Bench) -> None:
    """Nothing was asked, and nothing failed."""
    bench.upload("", "")
    finished = bench.run()
    assert finished is not None
    assert finished.result["document"]["lines"] == 0
    assert bench.documents.files[RESULT] == b""
