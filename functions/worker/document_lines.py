"""The lines of a document: from text to inputs, and to a line of JSON for each."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from functions.worker.failures import CANNOT_ANSWER, Permanent, Transient, Unreadable
from functions.worker.line_formats import LineFormats, error_fields, line_of, parts_fields
from pipelines.errors import InputInvalid
from suggester.drinks import describe_unknown
from suggester.errors import DuplicateField, IngredientsUnknown, MaskEmpty, RequestInvalid
from suggester.inputs import InputReader
from suggester.requests import reject_duplicate_keys
from tasks.failure_log import log_failures
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from functions.worker.document_reader import AnswerLines, Line
    from functions.worker.pipelines import Pipelines
    from suggester.vocabulary import Language
    from tasks.document_keys import Format
    from tasks.failure_log import Failure
    from tasks.messages import TaskMessage
    from tasks.task import JsonObject

MAX_LINE: Final = 192 * 1024  # bytes, like the body of a request
MAX_HINTS: Final = 20  # per batch: finding similar names takes 3 ms

logger = logging.getLogger(__name__)


class LineInvalid(Exception):
    """A line that cannot be answered. The message is shown to the owner."""

    def __init__(self, error_type: str, detail: str) -> None:
        super().__init__(error_type, detail)
        self.type = error_type
        self.detail = detail


class DocumentLines:
    """Answers batches of lines.

    Args:
        pipelines: the pipelines.
        defaults: the kind and the fields, in ids, of lines that do not have their own.
        document_format: `text` for names with `;` between them, `jsonl` for JSON, in which a
            string is such a text.
        language: the language of the names in the answers.
        trace: the fields of log lines about the document.
    """

    def __init__(
        self,
        pipelines: Pipelines,
        defaults: JsonObject,
        document_format: Format,
        language: Language,
        trace: Mapping[str, str],
    ) -> None:
        self._pipelines = pipelines
        self._vocabulary = pipelines.suggester.vocabulary
        self._parse: Callable[[str], Any] = str if document_format == "text" else _parse_json
        self._inputs = InputReader(pipelines.registry, self._vocabulary, defaults)
        self._formats = LineFormats(pipelines.registry, self._vocabulary, language)
        self._trace = trace
        self._hints = MAX_HINTS
        self._failures: list[Failure] = []

    def answer(self, lines: Sequence[Line]) -> tuple[list[str], int]:
        """Return a line of JSON for each line, and the number of errors among them.

        Raises:
            OSError, MemoryError: a pipeline cannot answer now.
        """
        self._hints = MAX_HINTS
        self._failures = []
        answers: dict[int, str] = {}
        several: dict[int, dict[str, str]] = {}
        by_kind: dict[str, list[tuple[int, Any]]] = {}
        for number, line in lines:
            try:
                inputs = self._read(line)
            except LineInvalid as error:
                answers[number] = line_of(number, error_fields(error.type, error.detail))
                continue
            if len(inputs) > 1:
                several[number] = dict.fromkeys((kind for kind, _ in inputs), "")
            for kind, found in inputs:
                by_kind.setdefault(kind, []).append((number, found))
        failed = len(answers)
        failed_parts: Counter[int] = Counter()
        for kind, questions in by_kind.items():
            fields, refused = self._answer_kind(kind, questions)
            for number, _ in questions:
                if number in several:
                    several[number][kind] = fields[number]
                else:
                    answers[number] = line_of(number, fields[number])
            failed_parts.update(refused)
        for number, parts in several.items():
            answers[number] = line_of(number, parts_fields(parts))
        # A line with several kinds failed if all its parts did.
        failed += sum(n == len(several.get(number, "1")) for number, n in failed_parts.items())
        log_failures(logger, "A pipeline failed on lines of a document", self._failures)
        return [answers[number] for number, _ in lines], failed

    def _read(self, line: bytes) -> list[tuple[str, Any]]:
        """Return the inputs of a line by kind.

        Raises:
            LineInvalid: the line cannot be answered.
        """
        members = self._parse(_decode(line))
        try:
            if isinstance(members, str):
                return self._inputs.read_text(members)
            is_list = isinstance(members, list)
            return self._inputs.read_names(members) if is_list else self._inputs.read(members)
        except InputInvalid as error:
            raise LineInvalid("invalid", str(error)) from error
        except IngredientsUnknown as error:
            raise LineInvalid("unknown-ingredient", self._describe(error)) from error
        except (OSError, MemoryError):
            raise
        except Exception as error:  # of the `__post_init__` of an input
            self._failures.append((self._trace, error))
            raise LineInvalid("prediction-failed", CANNOT_ANSWER) from error

    def _describe(self, error: IngredientsUnknown) -> str:
        nearest: dict[str, list[str]] = {}
        for name in error.names:
            groups, has_hint = name in error.excluded, self._hints > 0
            nearest[name] = self._vocabulary.nearest(name, groups=groups) if has_hint else []
            self._hints -= 1
        return f"{describe_unknown(nearest, self._vocabulary)}."

    def _answer_kind(
        self, kind: str, questions: Sequence[tuple[int, Any]]
    ) -> tuple[dict[int, str], set[int]]:
        """Return the members of each answer or error by line number, and which are errors."""
        fields: dict[int, str] = {}
        unanswerable = self._pipelines.unanswerable(kind, [found for _, found in questions])
        # One such line would otherwise fail its batch, whose answers would be computed again.
        for number in (questions[index][0] for index in unanswerable):
            fields[number] = error_fields("nothing-to-suggest", str(MaskEmpty()))
        asked = [pair for index, pair in enumerate(questions) if index not in unanswerable]
        failed = set(fields)
        self._answer_batch(kind, asked, fields, failed)
        return fields, failed

    def _answer_batch(
        self,
        kind: str,
        questions: Sequence[tuple[int, Any]],
        fields: dict[int, str],
        failed: set[int],
    ) -> None:
        """Add the answers; bisect a batch that fails."""
        if not questions:
            return
        try:
            outputs = self._pipelines.answer(kind, [found for _, found in questions])
            pairs = zip(questions, outputs, strict=True)
            answers = {n: self._formats.answer(kind, output) for (n, _), output in pairs}
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - any error of a pipeline ends only one line
            failure = error
        else:
            fields |= answers
            return
        if len(questions) > 1:
            half = len(questions) // 2
            self._answer_batch(kind, questions[:half], fields, failed)
            self._answer_batch(kind, questions[half:], fields, failed)
            return
        [(number, _)] = questions
        if not isinstance(failure, MaskEmpty | RequestInvalid):
            self._failures.append((self._trace, failure))
        fields[number] = _failure(failure)
        failed.add(number)


def _failure(error: Exception) -> str:
    if isinstance(error, MaskEmpty):
        return error_fields("nothing-to-suggest", str(error))
    if isinstance(error, RequestInvalid):
        return error_fields("prediction-failed", str(error))
    return error_fields("prediction-failed", CANNOT_ANSWER)


def lines_with(pipelines: Pipelines) -> Callable[[TaskMessage, Format], AnswerLines]:
    """Return a function that returns, for a task, the function that answers its lines.

    It raises `Permanent` if the model does not know the options of the document, and `Unreadable`
    if they have an unknown form.
    """

    def lines_of(message: TaskMessage, document_format: Format) -> AnswerLines:
        defaults = message.input["defaults"]
        try:
            pipelines.check(defaults)
        except InputInvalid as error:
            raise Unreadable from error
        except RequestInvalid as error:
            raise Permanent(ErrorType.PREDICTION_FAILED, str(error)) from error
        language = message.input["language"]
        lines = DocumentLines(pipelines, defaults, document_format, language, message.trace_fields)

        def answer(batch: Sequence[Line]) -> tuple[list[str], int]:
            try:
                return lines.answer(batch)
            except (OSError, MemoryError) as error:
                raise Transient from error

        return answer

    return lines_of


def _decode(line: bytes) -> str:
    if len(line) > MAX_LINE:
        raise LineInvalid("too-large", f"A line must have at most {MAX_LINE} bytes.")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise LineInvalid("malformed", "The line is not UTF-8 text.") from error


def _parse_json(line: str) -> Any:
    try:
        # Without its end, at which an error would have the first column of the next line.
        drink = json.loads(line.rstrip(), object_pairs_hook=reject_duplicate_keys)
    except DuplicateField as error:
        raise LineInvalid("malformed", str(error)) from error
    except json.JSONDecodeError as error:
        place = f"column {error.colno}"
        detail = f"The line is not JSON: see {place}, and check the quotes and commas there."
        raise LineInvalid("malformed", detail) from error
    except (ValueError, RecursionError) as error:
        detail = "The line is not JSON; check its quotes and commas."
        raise LineInvalid("malformed", detail) from error
    if not isinstance(drink, dict | list | str):
        detail = "The line is neither a drink, a list of names nor a text."
        raise LineInvalid("malformed", detail)
    return drink
