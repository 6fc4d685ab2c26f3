"""Broken variants of the work on documents."""
# ruff: noqa: ARG002, D101, D102 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from functions.worker.dispositions import Retry
from functions.worker.document_processor import DocumentProcessor
from functions.worker.document_reader import DocumentReader
from functions.worker.failures import Permanent
from tasks.checkpoint import Checkpoint
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.dispositions import Disposition
    from functions.worker.document_reader import FinishedDocument
    from tasks.aws.events import Delivery
    from tasks.messages import TaskMessage


class WaitsForTheDeadline(DocumentProcessor):
    def process(
        self, deliveries: Sequence[Delivery], remaining: Callable[[], float]
    ) -> list[Disposition]:
        deadlines = [delivery.message.deadline for delivery in deliveries]
        return [Retry(math.ceil(deadline - self.clock())) for deadline in deadlines]


class LosesLines(DocumentReader):
    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        super()._continue(message, checkpoint, answers[:-1])


class ForgetsParts(DocumentReader):
    def _finish(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> Any:
        return super()._finish(message, dataclasses.replace(checkpoint, ends=()), answers)


class RepeatsLines(DocumentReader):
    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        super()._continue(message, checkpoint, answers + answers[-1:])


class DoesNotContinue(DocumentReader):
    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        """Forget the rest of the document."""


class HandsOverForever(DocumentReader):
    def run(self, message: TaskMessage, remaining: Callable[[], float]) -> FinishedDocument | None:
        """Stop after each batch."""
        return super().run(message, lambda: min(0.0, remaining()))

    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        """Forget earlier hand-overs."""
        forgotten = dataclasses.replace(checkpoint, ends=checkpoint.ends[-1:])
        super()._continue(message, forgotten, answers)


class HandsOverFirst(DocumentReader):
    def run(self, message: TaskMessage, remaining: Callable[[], float]) -> FinishedDocument | None:
        """Leave all the work to the next invocation."""
        if message.checkpoint is not None:
            return super().run(message, remaining)
        self.queue.send([dataclasses.replace(message, checkpoint=Checkpoint(self.clock()))])
        return None


class GivesUpEarly(DocumentReader):
    def _continue(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> None:
        """Allow no hand-over."""
        raise Permanent(ErrorType.DOCUMENT_TOO_LONG, "It takes too long.")


class CountsNoErrors(DocumentReader):
    def _finish(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> Any:
        return super()._finish(message, dataclasses.replace(checkpoint, failed=0), answers)
