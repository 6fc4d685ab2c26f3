"""Broken variants of the work on documents."""
# ruff: noqa: D101 - the catalogue says what each one does wrong

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from functions.worker.document_reader import DocumentReader

if TYPE_CHECKING:
    from tasks.checkpoint import Checkpoint
    from tasks.messages import TaskMessage


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


class CountsNoErrors(DocumentReader):
    def _finish(self, message: TaskMessage, checkpoint: Checkpoint, answers: list[bytes]) -> Any:
        return super()._finish(message, dataclasses.replace(checkpoint, failed=0), answers)
