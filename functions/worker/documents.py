"""Works through a document: streams it through the model, and hands over when time runs out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from functions.worker.errors import Permanent, Transient
from tasks.documents import format_of, part_key, result_key
from tasks.errors import DocumentNotFound, Unavailable
from tasks.model import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tasks.documents import DocumentStore, Format
    from tasks.model import JsonObject, TaskMessage
    from tasks.queue import TaskQueue

    Line = tuple[int, bytes]  # its number, from 1, and what it says
    # Returns a line of JSON for each, and how many of them are errors.
    AnswerLines = Callable[[Sequence[Line]], tuple[list[str], int]]

BATCH: Final = 1000  # lines
MAX_LINES: Final = 100_000
ENDING: Final = 3.0  # seconds that it may take to read the parts and to write all as one
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a document is.

    Attributes:
        started_at: when the first invocation began, in seconds since the epoch.
        seconds: what all earlier invocations took.
        offset: the bytes that were read.
        line: the number of the last line that was read.
        answered: the lines that have an answer.
        failed: the lines that have an error.
        ends: the offsets at which earlier invocations ended; each wrote what lies between.
        is_read: whether that was the document's end.
    """

    started_at: float
    seconds: float = 0.0
    offset: int = 0
    line: int = 0
    answered: int = 0
    failed: int = 0
    ends: Sequence[int] = ()
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A document's result, when the work on it began, and how many seconds it took."""

    result: JsonObject
    started_at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class DocumentWorker:
    """What it works with.

    Attributes:
        documents: where the files lie.
        queue: where a message waits that goes on where an invocation ended.
        lines_of: makes the function that answers lines, of a task's input and a format.
        model: the version of the model.
        clock: the time in seconds since the epoch.
        reserve: the seconds that must be left to begin another batch.
    """

    documents: DocumentStore
    queue: TaskQueue
    lines_of: Callable[[JsonObject, Format], AnswerLines]
    model: str
    clock: Callable[[], float]
    reserve: float

    def run(self, message: TaskMessage, remaining: Callable[[], float]) -> Finished | None:
        """Work on a document until it is done, or until time is up; None if it was handed over.

        What a file is called says what is in it, so that two deliveries of a message harm nothing.

        Raises:
            Permanent: there is no such document, or it has too many lines.
            Transient: S3 or the queue did not answer.
        """
        began = self.clock()
        progress = Progress(**message.input.get("progress", {"started_at": began}))
        try:
            progress, answers = self._read(message, progress, remaining)
            if progress.is_read and remaining() > self.reserve + ENDING:
                result = self._finish(message, progress, answers)
                seconds = progress.seconds + self.clock() - began
                return Finished(result, progress.started_at, seconds)
            seconds = progress.seconds + self.clock() - began
            self._hand_over(message, replace(progress, seconds=seconds), answers)
        except DocumentNotFound as error:
            detail = "There is no such document; upload it, then submit it."
            raise Permanent(ErrorType.DOCUMENT_MISSING, detail) from error
        except Unavailable as error:
            raise Transient from error
        return None

    def _read(
        self, message: TaskMessage, progress: Progress, remaining: Callable[[], float]
    ) -> tuple[Progress, list[bytes]]:
        """Answer line after line while there is time; returns the answers, batch by batch."""
        key = message.input["document"]
        answer = self.lines_of(message.input, format_of(key))
        answers: list[bytes] = []
        if progress.is_read:
            return progress, answers
        for batch, size in _batches(self.documents.read(key, progress.offset), progress.line):
            drinks = [line for line in batch if line[1].strip()]
            if progress.answered + progress.failed + len(drinks) > MAX_LINES:
                detail = f"A document has at most {MAX_LINES} drinks; send it in parts."
                raise Permanent(ErrorType.DOCUMENT_TOO_LONG, detail)
            found, failed = answer(drinks)
            answers.append("".join(f"{line}\n" for line in found).encode())
            progress = replace(
                progress,
                offset=progress.offset + size,
                line=progress.line + len(batch),
                answered=progress.answered + len(found) - failed,
                failed=progress.failed + failed,
            )
            if remaining() <= self.reserve:
                return progress, answers
        return replace(progress, is_read=True), answers

    def _finish(self, message: TaskMessage, progress: Progress, answers: list[bytes]) -> JsonObject:
        """Write the result's file, of all parts in their order."""
        owner, task_id = message.owner, message.task_id
        starts = (0, *progress.ends)
        parts = [
            b"".join(self.documents.read(part_key(owner, task_id, start, end)))
            for start, end in zip(starts, progress.ends, strict=False)
        ]
        key = result_key(owner, task_id, self.model)
        self.documents.write(key, b"".join((*parts, *answers)))
        counts = {"answered": progress.answered, "failed": progress.failed}
        lines = progress.answered + progress.failed
        return {"document": {"key": key, "lines": lines, **counts}, "model": self.model}

    def _hand_over(self, message: TaskMessage, progress: Progress, answers: list[bytes]) -> None:
        """Write what this invocation answered, and send a message that goes on from there."""
        start = progress.ends[-1] if progress.ends else 0
        if progress.offset > start:
            key = part_key(message.owner, message.task_id, start, progress.offset)
            self.documents.write(key, b"".join(answers))
            progress = replace(progress, ends=(*progress.ends, progress.offset))
        fields = {**message.input, "progress": asdict(progress)}
        self.queue.send([replace(message, input=fields)])


def _batches(chunks: Iterator[bytes], last: int) -> Iterator[tuple[list[Line], int]]:
    """Yield batches of lines after the `last` one, and how many bytes each batch is of."""
    batch: list[Line] = []
    size = 0
    for number, line in enumerate(_lines(chunks), last + 1):
        size += len(line)
        batch.append((number, line.removeprefix(BOM) if number == 1 else line))
        if len(batch) == BATCH:
            yield batch, size
            batch, size = [], 0
    if batch:
        yield batch, size


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines with their ends, whatever the chunks they come in."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest
