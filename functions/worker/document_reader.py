"""Streams a document through the model, and continues in another invocation if time runs out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from functions.worker.failures import Permanent, Transient
from tasks.checkpoint import Checkpoint
from tasks.document_keys import MAX_DOCUMENT, MAX_LINES, format_of, part_key, result_key
from tasks.errors import DocumentChanged, DocumentForbidden, DocumentNotFound, Unavailable
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from functions.worker.progress_report import ProgressReport, ProgressReporter
    from tasks.document_keys import Format
    from tasks.messages import TaskMessage
    from tasks.ports import DocumentStore, TaskQueue
    from tasks.task import JsonObject

    Line = tuple[int, bytes]  # the line number, from 1, and the content
    # Returns a line of JSON for each line, and the number of errors among them.
    AnswerLines = Callable[[Sequence[Line]], tuple[list[str], int]]

BATCH: Final = 1000  # lines
# The answers to 100,000 drinks have at most 250 MB.
HAND_OVER_SECONDS: Final = 15.0  # to write a part, and to send the message that continues
FINALIZE_SECONDS: Final = 15.0  # to read all parts and write them as one file
# The largest document needs two. Ten times as many leave room for a slow model, and limit what a
# document can cost: Lambda's own detection of loops is off, because a document continues like one.
MAX_HAND_OVERS: Final = 20
BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FinishedDocument:
    """The result of a document, when the work began, and how many seconds it took."""

    result: JsonObject
    started_at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Works on documents.

    Attributes:
        documents: the files.
        queue: the queue of documents, for the message that continues one.
        lines_of: returns the function that answers the lines of a task's document.
        model: the version of the model.
        clock: returns the time in seconds since the epoch.
        reserve: the seconds that must be left to start another batch.
        finalize: the seconds, beyond these, that must be left to write the result.
        reporter: reports the progress of a document to its owner.
        batch: how many lines one call of the model answers.
    """

    documents: DocumentStore
    queue: TaskQueue
    lines_of: Callable[[TaskMessage, Format], AnswerLines]
    model: str
    clock: Callable[[], float]
    reserve: float
    reporter: ProgressReporter
    batch: int = BATCH
    finalize: float = FINALIZE_SECONDS

    def run(self, message: TaskMessage, remaining: Callable[[], float]) -> FinishedDocument | None:
        """Work on a document until it is finished; return None if another message continues it.

        The name of each file follows from its content, so a duplicate delivery does no harm.

        Raises:
            Permanent: the document does not exist, cannot be read, was replaced, or is too long.
            Transient: the bucket or the queue did not answer, or no time was left for a line.
        """
        began = self.clock()
        checkpoint = message.checkpoint or Checkpoint(began)
        try:
            with self.reporter.report(message, remaining) as report:
                checkpoint, answers = self._read(message, checkpoint, report, remaining)
                if checkpoint.is_read and remaining() > self.reserve + self.finalize:
                    result = self._finish(message, checkpoint, answers)
                    seconds = checkpoint.seconds + self._seconds_since(began)
                    return FinishedDocument(result, checkpoint.started_at, seconds)
                seconds = checkpoint.seconds + self._seconds_since(began)
                self._continue(message, replace(checkpoint, seconds=seconds), answers)
                report.hand_over(remaining)
        except DocumentNotFound as error:
            detail = "The document does not exist; upload it, then submit it."
            raise Permanent(ErrorType.DOCUMENT_MISSING, detail) from error
        except DocumentChanged as error:
            detail = "The document was uploaded again while it was processed; submit it again."
            raise Permanent(ErrorType.DOCUMENT_CHANGED, detail, retryable=True) from error
        except DocumentForbidden as error:
            detail = (
                f"The document cannot be read: S3 answered {error.code}. Check its name, and let "
                "the policy of its bucket allow this service to read it."
            )
            raise Permanent(ErrorType.DOCUMENT_FORBIDDEN, detail) from error
        except Unavailable as error:
            raise Transient from error
        return None

    def _seconds_since(self, began: float) -> float:
        return max(0.0, self.clock() - began)

    def _read(
        self,
        message: TaskMessage,
        checkpoint: Checkpoint,
        report: ProgressReport,
        remaining: Callable[[], float],
    ) -> tuple[Checkpoint, list[bytes]]:
        """Answer batches of lines while there is time; return the answers of each batch."""
        name = message.input["document"]
        answer = self.lines_of(message, format_of(name))
        answers: list[bytes] = []
        if checkpoint.is_read:
            return checkpoint, answers
        content = self.documents.read(name, checkpoint.offset, checkpoint.etag)
        if content.size > MAX_DOCUMENT:  # of another bucket; an upload cannot be larger
            detail = f"A document has at most {MAX_DOCUMENT} bytes; split it into several."
            raise Permanent(ErrorType.DOCUMENT_TOO_LONG, detail)
        if checkpoint.offset == 0:
            checkpoint = replace(checkpoint, etag=content.etag)
        for batch, size in _batches(iter(content), checkpoint.line, self.batch):
            drinks = [line for line in batch if line[1].strip()]
            if checkpoint.answered + checkpoint.failed + len(drinks) > MAX_LINES:
                detail = f"A document has at most {MAX_LINES} drinks; split it into several."
                raise Permanent(ErrorType.DOCUMENT_TOO_LONG, detail)
            found, failed = answer(drinks)
            answers.append("".join(f"{line}\n" for line in found).encode())
            checkpoint = replace(
                checkpoint,
                offset=checkpoint.offset + size,
                line=checkpoint.line + len(batch),
                answered=checkpoint.answered + len(found) - failed,
                failed=checkpoint.failed + failed,
            )
            report.update(checkpoint.progress(content.size))
            if remaining() <= self.reserve:
                return checkpoint, answers
        return replace(checkpoint, is_read=True), answers

    def _finish(
        self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]
    ) -> JsonObject:
        """Write the result file from all parts in order."""
        owner, task_id = message.owner, message.task_id
        starts = (0, *checkpoint.ends)
        parts = [
            b"".join(self.documents.read(part_key(owner, task_id, start, end, checkpoint.etag)))
            for start, end in zip(starts, checkpoint.ends, strict=False)
        ]
        key = result_key(owner, task_id, self.model, checkpoint.etag)
        self.documents.write(key, b"".join((*parts, *answers)))
        counts = {"answered": checkpoint.answered, "failed": checkpoint.failed}
        lines = checkpoint.answered + checkpoint.failed
        return {"document": {"key": key, "lines": lines, **counts}, "model": self.model}

    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        """Write the answers of this invocation as a part, and send the message that continues.

        Without a line that was read since the last hand-over, messages could follow each other for
        ever. Such an invocation is retried, which uses up a receive of its own message.
        """
        start = checkpoint.ends[-1] if checkpoint.ends else 0
        end, etag = checkpoint.offset, checkpoint.etag
        if end == start:
            raise Transient
        if checkpoint.hand_overs >= MAX_HAND_OVERS:
            detail = "The document takes too long; split it into several."
            raise Permanent(ErrorType.DOCUMENT_TOO_LONG, detail)
        key = part_key(message.owner, message.task_id, start, end, etag)
        self.documents.write(key, b"".join(answers))
        checkpoint = replace(checkpoint, ends=(*checkpoint.ends, end))
        self.queue.send([replace(message, checkpoint=checkpoint)])


def _batches(chunks: Iterator[bytes], last: int, most: int) -> Iterator[tuple[list[Line], int]]:
    """Yield batches of at most `most` lines after line number `last`, with their size in bytes."""
    batch: list[Line] = []
    size = 0
    for number, line in enumerate(_lines(chunks), last + 1):
        size += len(line)
        batch.append((number, line.removeprefix(BOM) if number == 1 else line))
        if len(batch) == most:
            yield batch, size
            batch, size = [], 0
    if batch:
        yield batch, size


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines with their line ends from chunks of any size."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest
