from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from functions.worker.document_reader import (
    BATCH,
    MAX_HAND_OVERS,
    DocumentReader,
    FinishedDocument,
)
from functions.worker.failures import Permanent, Transient
from functions.worker.progress_report import ProgressReporter
from tasks.document_keys import MAX_DOCUMENT, MAX_LINES
from tasks.messages import TaskMessage
from tasks.task import ErrorType, Lane, Progress, Task
from tests.fakes import (
    NOW,
    FakeClock,
    InlineExecutor,
    InMemoryDocumentStore,
    InMemoryTaskQueue,
    InMemoryTaskStore,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from functions.worker.document_reader import Line

KEY = "uploads/me/d1.txt"
THEIRS = "s3://orders/in/drinks.txt"


class RecordingStore(InMemoryTaskStore):
    """A table with the task, which records each report of progress and its time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.reports: list[tuple[float, Progress]] = []
        self.create([Task("t1", "me", {}, NOW, NOW + 900, NOW + 86_400, Lane.DOCUMENT)])

    def report_progress(self, task_id: str, progress: Progress) -> None:
        self.reports.append((self._clock.now - NOW, progress))
        super().report_progress(task_id, progress)


class Harness:
    """A reader that echoes each line with its number; a line `bad` counts as failed."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.documents = InMemoryDocumentStore(chunk=1000)
        self.queue = InMemoryTaskQueue()
        self.store = RecordingStore(self.clock)
        self.pool: Executor = InlineExecutor()
        self.batches: list[int] = []
        self.step = 1.0  # seconds that a batch takes
        self.reader = DocumentReader(
            documents=self.documents,
            queue=self.queue,
            lines_of=lambda _input, _format: self.answer,
            model="v1",
            clock=self.clock,
            reserve=5.0,
            reporter=ProgressReporter(self.store, self.clock, self.pool),
            finalize=3.0,
        )

    def answer(self, lines: Sequence[Line]) -> tuple[list[str], int]:
        self.clock.now += self.step
        self.batches.append(len(lines))
        failed = sum(line.strip() == b"bad" for _, line in lines)
        return [json.dumps({"line": number, "is": line.decode()}) for number, line in lines], failed

    def upload(self, *lines: str) -> None:
        self.documents.files[KEY] = "\n".join(lines).encode()

    def run(
        self, message: TaskMessage | None = None, seconds: float = 100.0
    ) -> FinishedDocument | None:
        ends_at = self.clock.now + seconds
        message = message or TaskMessage("t1", "me", {"document": KEY}, NOW + 900)
        return self.reader.run(message, lambda: ends_at - self.clock.now)

    def finish(self, seconds: float) -> FinishedDocument:
        """Run invocations of this many seconds one after another until the document is finished."""
        finished = self.run(seconds=seconds)
        for _ in range(100):
            if finished is not None:
                return finished
            finished = self.run(self.queue.messages.pop(), seconds)
        raise AssertionError("The document is not finished after 100 invocations.")

    def reported_at(self) -> list[float]:
        return [seconds for seconds, _ in self.store.reports]

    def result_key(self) -> str:
        [key] = [name for name in self.documents.files if name.startswith("results/")]
        return key

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.documents.files[self.result_key()].splitlines()]


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_document_is_answered_line_by_line(harness: Harness) -> None:
    """Blank lines have no answer, but they count for the line numbers."""
    harness.upload("\ufeffone", "", "bad\r", "  ", "five")
    finished = harness.run()
    document = {"key": harness.result_key(), "lines": 3, "answered": 2, "failed": 1}
    assert finished == FinishedDocument({"document": document, "model": "v1"}, NOW, 1.0)
    assert harness.lines() == [
        {"line": 1, "is": "one\n"},
        {"line": 3, "is": "bad\r\n"},
        {"line": 5, "is": "five"},
    ]


def test_the_result_is_named_after_the_owner_the_task_the_model_and_the_file(
    harness: Harness,
) -> None:
    """Another owner cannot name it, and a duplicate delivery writes the same file."""
    harness.upload("one")
    harness.run()
    etag = harness.documents.read(KEY).etag.strip('"')
    assert harness.result_key() == f"results/me/t1-v1-{etag}.jsonl"


def test_a_part_is_named_after_the_owner_the_task_the_file_and_its_offsets(
    harness: Harness,
) -> None:
    harness.upload(*["x"] * (2 * BATCH))
    assert harness.run(seconds=6) is None
    etag = harness.documents.read(KEY).etag.strip('"')
    assert f"parts/me/t1/{etag}/0-2000.jsonl" in harness.documents.files


def test_only_the_first_line_loses_its_byte_order_mark(harness: Harness) -> None:
    harness.upload("\ufeffone", "\ufefftwo")
    harness.run()
    assert [line["is"] for line in harness.lines()] == ["one\n", "\ufefftwo"]


def test_a_clock_that_steps_back_takes_no_time_away(harness: Harness) -> None:
    """The message that continues the document would otherwise be unreadable."""
    harness.upload(*["x"] * (2 * BATCH))
    harness.step = -1.0
    assert harness.run(seconds=5) is None
    message = TaskMessage.decode(harness.queue.messages.pop().encode())
    finished = harness.run(message, seconds=9)
    assert finished is not None
    assert finished.seconds == 0


def test_lines_are_answered_in_batches_of_a_thousand(harness: Harness) -> None:
    harness.upload(*["x"] * (2 * BATCH + 1))
    harness.run()
    assert harness.batches == [BATCH, BATCH, 1]


@pytest.mark.parametrize("seconds", [8.5, 9.5, 10.5, 20.0])
def test_a_document_continued_over_many_invocations_has_the_same_result(
    harness: Harness, seconds: float
) -> None:
    """The invocations may be of any length."""
    harness.upload(*[f"drink {number}" for number in range(5 * BATCH + 10)])
    whole = harness.run()
    assert whole is not None
    expected = harness.documents.files.pop(harness.result_key())
    finished = harness.finish(seconds)
    assert harness.documents.files[harness.result_key()] == expected
    assert finished.result == whole.result
    assert finished.seconds == pytest.approx(6.0)


def test_a_message_delivered_twice_leaves_the_same_result(harness: Harness) -> None:
    """Both deliveries are continued, in parts of different sizes."""
    harness.upload(*[f"drink {number}" for number in range(6 * BATCH)])
    harness.run()
    expected = harness.documents.files.pop(harness.result_key())
    assert harness.run(seconds=6.5) is None
    assert harness.run(seconds=8.5) is None
    chains = harness.queue.messages[:]
    harness.queue.messages.clear()
    for _ in range(20):
        chains = [
            message
            for chain in chains
            if harness.run(chain, 8.5) is None
            for message in [harness.queue.messages.pop()]
        ]
    assert chains == []
    assert harness.documents.files[harness.result_key()] == expected


def test_parts_are_joined_only_if_enough_time_is_left(harness: Harness) -> None:
    """Otherwise another invocation joins them."""
    harness.upload(*["x"] * (2 * BATCH))
    assert harness.run(seconds=6.0) is None
    [message] = harness.queue.messages
    assert harness.run(message, seconds=7.5) is None
    message = harness.queue.messages[-1]
    assert message.checkpoint is not None
    assert message.checkpoint.is_read
    assert harness.run(message, seconds=15.0) is not None
    assert len(harness.lines()) == 2 * BATCH


def test_the_result_is_written_only_if_enough_time_is_left(harness: Harness) -> None:
    """The document of this test has only one part."""
    harness.upload(*["x"] * (2 * BATCH))
    assert harness.run(seconds=8.5) is None
    assert harness.run(harness.queue.messages.pop(), seconds=15.0) is not None
    assert len(harness.lines()) == 2 * BATCH


def test_a_document_is_handed_over_a_limited_number_of_times(harness: Harness) -> None:
    """Each invocation of this test answers one batch."""
    harness.upload(*["x"] * ((MAX_HAND_OVERS + 1) * BATCH))
    assert harness.run(seconds=6) is None
    for _ in range(MAX_HAND_OVERS - 1):
        assert harness.run(harness.queue.messages.pop(), seconds=6) is None
    last = harness.queue.messages.pop()
    with pytest.raises(Permanent, match="split it") as caught:
        harness.run(last, seconds=6)
    assert caught.value.error.type is ErrorType.DOCUMENT_TOO_LONG
    assert not caught.value.error.retryable
    assert harness.queue.messages == []


def test_a_document_that_is_finished_after_the_last_hand_over_succeeds(harness: Harness) -> None:
    harness.upload(*["x"] * ((MAX_HAND_OVERS + 1) * BATCH))
    assert harness.run(seconds=6) is None
    for _ in range(MAX_HAND_OVERS - 1):
        assert harness.run(harness.queue.messages.pop(), seconds=6) is None
    assert harness.run(harness.queue.messages.pop(), seconds=100) is not None


@pytest.mark.parametrize("lines", [0, 2 * BATCH])
def test_without_a_line_that_was_read_a_document_is_retried_and_not_handed_over(
    harness: Harness, lines: int
) -> None:
    """The first invocation reads all lines; the next ones have too little time for the result."""
    harness.upload(*["x"] * lines)
    message = None
    if lines:
        assert harness.run(seconds=8.5) is None
        message = harness.queue.messages.pop()
    with pytest.raises(Transient):
        harness.run(message, seconds=7.5)
    assert harness.queue.messages == []


def test_a_missing_document_is_a_permanent_failure(harness: Harness) -> None:
    """The detail asks the owner to upload it."""
    with pytest.raises(
        Permanent, match=r"^The document does not exist; upload it, then submit it\.$"
    ) as caught:
        harness.run()
    assert caught.value.error.type is ErrorType.DOCUMENT_MISSING


def test_a_document_that_another_bucket_forbids_is_a_permanent_failure(harness: Harness) -> None:
    """The detail has the reason of S3, and says what to do."""
    harness.documents.forbidden.add(THEIRS)
    message = TaskMessage("t1", "me", {"document": THEIRS}, NOW + 900)
    with pytest.raises(
        Permanent,
        match=r"^The document cannot be read: S3 answered AccessDenied\. Check its name, and let "
        r"the policy of its bucket allow this service to read it\.$",
    ) as caught:
        harness.run(message)
    assert caught.value.error.type is ErrorType.DOCUMENT_FORBIDDEN


def test_a_file_of_another_bucket_is_not_read_if_it_is_larger_than_a_document(
    harness: Harness,
) -> None:
    """S3 does not limit its size, as it does for an upload; a line might not fit into memory."""
    message = TaskMessage("t1", "me", {"document": THEIRS}, NOW + 900)
    harness.documents.chunk = MAX_DOCUMENT
    largest = b"\n".rjust(MAX_DOCUMENT // 32) * 32
    harness.documents.files[THEIRS] = largest + b" "
    with pytest.raises(Permanent, match=rf"at most {MAX_DOCUMENT} bytes; split it") as caught:
        harness.run(message)
    assert caught.value.error.type is ErrorType.DOCUMENT_TOO_LONG
    harness.documents.files[THEIRS] = largest
    assert harness.run(message) is not None


def test_a_document_of_another_bucket_is_continued_and_its_answers_stay_here(
    harness: Harness,
) -> None:
    """All parts belong to one version of the file."""
    harness.documents.files[THEIRS] = b"x\n" * (3 * BATCH)
    message = TaskMessage("t1", "me", {"document": THEIRS}, NOW + 900)
    assert harness.run(message, seconds=6) is None
    message = harness.queue.messages.pop()
    assert harness.run(message, seconds=100) is not None
    written = harness.documents.files.keys() - {THEIRS}
    etag = harness.documents.read(THEIRS).etag.strip('"')
    assert written == {f"parts/me/t1/{etag}/0-2000.jsonl", f"results/me/t1-v1-{etag}.jsonl"}
    assert [line["line"] for line in harness.lines()] == list(range(1, 3 * BATCH + 1))
    harness.documents.files[THEIRS] = b"y\n" * (3 * BATCH)
    with pytest.raises(Permanent) as caught:
        harness.run(message)
    assert caught.value.error.type is ErrorType.DOCUMENT_CHANGED


def test_a_document_that_is_replaced_between_two_invocations_is_a_permanent_failure(
    harness: Harness,
) -> None:
    """Its answers would come from two files. Submitting it again may succeed."""
    harness.upload(*["old"] * (2 * BATCH))
    assert harness.run(seconds=6) is None
    harness.upload(*["new"] * (2 * BATCH))
    with pytest.raises(
        Permanent, match=r"^The document was uploaded again while it was processed;"
    ) as caught:
        harness.run(harness.queue.messages.pop())
    assert caught.value.error.type is ErrorType.DOCUMENT_CHANGED
    assert caught.value.error.retryable


@pytest.mark.parametrize("new_is_last", [True, False])
def test_two_deliveries_that_read_two_files_never_mix_them(
    harness: Harness, *, new_is_last: bool
) -> None:
    """The message was delivered twice, and the file was replaced in between."""
    harness.upload(*["old"] * (2 * BATCH))
    assert harness.run(seconds=6) is None
    assert harness.run(harness.queue.messages.pop(), seconds=7.5) is None
    old = harness.queue.messages.pop()
    harness.upload(*["new"] * (2 * BATCH))
    assert harness.run(seconds=6) is None
    new = harness.queue.messages.pop()
    for message in (old, new) if new_is_last else (new, old):
        finished = harness.run(message)
        assert finished is not None
        result = harness.documents.files[finished.result["document"]["key"]]
        assert len({json.loads(line)["is"].strip() for line in result.splitlines()}) == 1
    keys = [name for name in harness.documents.files if name.startswith("results/")]
    assert len(keys) == 2


def test_a_document_that_version_0_1_began_is_continued(harness: Harness) -> None:
    """Its message has no ETag, and the names of its parts have none."""
    harness.upload(*["x"] * (3 * BATCH))
    assert harness.run(seconds=6) is None
    message = harness.queue.messages.pop()
    assert message.checkpoint is not None
    [part] = [name for name in harness.documents.files if name.startswith("parts/")]
    answers = harness.documents.files.pop(part)
    harness.documents.files["parts/me/t1/0-2000.jsonl"] = answers
    old = replace(message, checkpoint=replace(message.checkpoint, etag=""))
    assert harness.run(old, seconds=6) is None
    finished = harness.run(harness.queue.messages.pop())
    assert finished is not None
    assert finished.result["document"]["lines"] == 3 * BATCH


def test_a_document_with_too_many_drinks_is_a_permanent_failure(harness: Harness) -> None:
    """The limit is 100,000 drinks; blank lines do not count."""
    harness.upload(*["x"] * MAX_LINES, "", "")
    assert harness.run(seconds=1000) is not None
    harness.upload("bad", *["x"] * MAX_LINES)
    with pytest.raises(Permanent, match="at most 100000") as caught:
        harness.run(seconds=1000)
    assert caught.value.error.type is ErrorType.DOCUMENT_TOO_LONG


def test_an_unavailable_bucket_is_a_transient_failure(harness: Harness) -> None:
    harness.upload("x")
    harness.documents.unavailable = True
    with pytest.raises(Transient):
        harness.run()


def test_an_empty_document_has_an_empty_result(harness: Harness) -> None:
    harness.upload("", "")
    finished = harness.run()
    assert finished is not None
    assert finished.result["document"]["lines"] == 0
    assert harness.documents.files[harness.result_key()] == b""


def test_progress_is_reported_every_two_seconds(harness: Harness) -> None:
    """Each batch of this test takes a second."""
    harness.upload(*["x"] * (7 * BATCH))
    harness.run()
    assert harness.reported_at() == [2, 4, 6]


def test_progress_is_reported_although_the_clock_was_set_back(harness: Harness) -> None:
    harness.upload(*["x"] * (2 * BATCH))
    harness.step = -3600.0
    assert harness.run() is not None
    assert [found.lines for _, found in harness.store.reports] == [BATCH, 2 * BATCH]


def test_progress_is_the_share_of_the_bytes_and_the_counts_of_the_lines(harness: Harness) -> None:
    """Blank lines are part of the bytes, but they are not counted."""
    lines = ["x"] * (2 * BATCH - 2) + ["bad", ""]
    harness.upload(*lines, *lines, "")
    harness.run()
    expected = Progress(0.5, 2 * BATCH - 1, 2 * BATCH - 2, 1)
    assert harness.store.reports[0] == (2, expected)


def test_the_progress_of_a_short_document_is_not_written(harness: Harness) -> None:
    harness.upload("x")
    harness.run()
    assert harness.store.reports == []


def test_progress_is_reported_when_another_invocation_continues(harness: Harness) -> None:
    """The queue may be long, so the owner would otherwise see old numbers."""
    harness.upload(*["x"] * (5 * BATCH))
    assert harness.run(seconds=8) is None
    assert [(at, found.lines) for at, found in harness.store.reports] == [
        (2, 2 * BATCH),
        (3, 3 * BATCH),
    ]


def test_progress_that_was_just_written_is_not_written_again(harness: Harness) -> None:
    harness.upload(*["x"] * (5 * BATCH))
    assert harness.run(seconds=7) is None
    assert harness.reported_at() == [2]


def test_progress_goes_on_in_the_next_invocation(harness: Harness) -> None:
    harness.upload(*["x"] * (6 * BATCH))
    assert harness.run(seconds=8) is None
    harness.run(harness.queue.messages.pop(), seconds=100)
    assert [found.lines // BATCH for _, found in harness.store.reports] == [2, 3, 5]


def test_a_hand_over_is_not_reported_when_time_is_nearly_up(harness: Harness) -> None:
    """The message must be deleted before Lambda ends the invocation."""
    harness.upload(*["x"] * (5 * BATCH))
    assert harness.run(seconds=5.5) is None
    assert harness.reported_at() == [1]
    harness.store.reports.clear()
    assert harness.run(seconds=4.5) is None
    assert harness.reported_at() == []


def test_a_table_that_refuses_reports_does_not_fail_the_document(harness: Harness) -> None:
    harness.upload(*["x"] * (5 * BATCH))
    harness.store.unavailable = True
    assert harness.run() is not None
    assert len(harness.lines()) == 5 * BATCH
