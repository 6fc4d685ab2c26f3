"""The lines of a document: from text to requests, and from answers to JSON."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

from functions.worker.failures import Permanent, Transient
from suggester.drinks import DrinkReader, describe_unknown, split_names
from suggester.errors import (
    DrinkInvalid,
    DuplicateField,
    IngredientsUnknown,
    MaskEmpty,
    RequestInvalid,
)
from suggester.requests import SEPARATOR, Request, reject_duplicate_keys
from tasks.failure_log import log_failures
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.document_reader import AnswerLines, Line
    from suggester.requests import Answer
    from suggester.suggester import Suggester
    from suggester.vocabulary import Language
    from tasks.document_keys import Format
    from tasks.messages import TaskMessage

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
        suggester: the model.
        defaults: the options of lines that do not have their own.
        document_format: `text` for names with `;` between them, `jsonl` for JSON.
        language: the language of the names in the answers.
        task_id: the task of the document, for the log.
    """

    def __init__(
        self,
        suggester: Suggester,
        defaults: Request,
        document_format: Format,
        language: Language,
        task_id: str,
    ) -> None:
        self._suggester = suggester
        self._parse: Callable[[str], Any] = (
            _parse_text if document_format == "text" else _parse_json
        )
        self._drinks = DrinkReader(suggester.vocabulary, defaults)
        self._names = {
            entry.id: json.dumps(entry.name(language), ensure_ascii=False)
            for entry in suggester.vocabulary.ingredients
        }
        self._task_id = task_id
        self._hints = MAX_HINTS
        self._failures: list[tuple[str, Exception]] = []

    def answer(self, lines: Sequence[Line]) -> tuple[list[str], int]:
        """Return a line of JSON for each line, and the number of errors among them.

        Raises:
            OSError, MemoryError: the model cannot answer now.
        """
        self._hints = MAX_HINTS
        answers: dict[int, str] = {}
        requests: list[tuple[int, Request]] = []
        for number, line in lines:
            try:
                requests.append((number, self._request(line)))
            except LineInvalid as error:
                answers[number] = _error(number, error.type, error.detail)
        requests = self._refuse_unanswerable(requests, answers)
        self._failures = []
        failed = len(answers) + self._answer_requests(requests, answers)
        log_failures(logger, "The model failed on lines of a document", self._failures)
        return [answers[number] for number, _ in lines], failed

    def _request(self, line: bytes) -> Request:
        """Return the request of a line.

        Raises:
            LineInvalid: the line cannot be answered.
        """
        drink = self._parse(_decode(line))
        try:
            is_list = isinstance(drink, list)
            return self._drinks.read_names(drink) if is_list else self._drinks.read(drink)
        except DrinkInvalid as error:
            raise LineInvalid("invalid", str(error)) from error
        except IngredientsUnknown as error:
            raise LineInvalid("unknown-ingredient", self._describe(error)) from error

    def _describe(self, error: IngredientsUnknown) -> str:
        vocabulary = self._suggester.vocabulary
        nearest: dict[str, list[str]] = {}
        for name in error.names:
            is_excluded = name in error.excluded
            nearest[name] = vocabulary.nearest(name, groups=is_excluded) if self._hints > 0 else []
            self._hints -= 1
        return f"{describe_unknown(nearest, vocabulary)}."

    def _refuse_unanswerable(
        self, requests: Sequence[tuple[int, Request]], answers: dict[int, str]
    ) -> list[tuple[int, Request]]:
        """Add an error for each line that leaves nothing to suggest, and return the others.

        One such line would otherwise fail its batch, whose answers would be computed again.
        """
        refused = self._suggester.find_unanswerable([request for _, request in requests])
        for number in (requests[index][0] for index in refused):
            answers[number] = _error(number, "nothing-to-suggest", str(MaskEmpty()))
        return [pair for index, pair in enumerate(requests) if index not in refused]

    def _answer_requests(
        self, requests: Sequence[tuple[int, Request]], answers: dict[int, str]
    ) -> int:
        """Add the answers; bisect a batch that fails. Return the number of errors."""
        if not requests:
            return 0
        try:
            found = self._suggester.answer([request for _, request in requests])
            pairs = list(zip(requests, found, strict=True))
        except (OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - any error of a model ends only one line
            failure = error
        else:
            for (number, _), answer in pairs:
                answers[number] = self._line(number, answer)
            return 0
        if len(requests) > 1:
            half = len(requests) // 2
            first = self._answer_requests(requests[:half], answers)
            return first + self._answer_requests(requests[half:], answers)
        self._failures.append((self._task_id, failure))
        [(number, _)] = requests
        answers[number] = _error(number, "prediction-failed", "The model cannot answer this drink.")
        return 1

    def _line(self, number: int, answer: Answer) -> str:
        """Format an answer by hand, because this runs up to 100,000 times."""
        names = self._names
        result = SEPARATOR.join(names[added][1:-1] for added in answer.added)
        suggestions = ",".join(
            f'{{"ingredient":{names[name]},"probability":{probability:.6f}}}'
            for name, probability in answer.suggestions
        )
        return f'{{"line":{number},"result":"{result}","suggestions":[{suggestions}]}}'


def lines_with(suggester: Suggester) -> Callable[[TaskMessage, Format], AnswerLines]:
    """Return a function that returns, for a task, the function that answers its lines.

    It raises `Permanent` if the model does not know the options of the document.
    """

    def lines_of(message: TaskMessage, document_format: Format) -> AnswerLines:
        try:
            defaults = Request.from_json(message.input["defaults"])
            suggester.check(defaults)
        except RequestInvalid as error:
            raise Permanent(ErrorType.PREDICTION_FAILED, str(error)) from error
        language = message.input["language"]
        lines = DocumentLines(suggester, defaults, document_format, language, message.task_id)

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


def _parse_text(line: str) -> list[str]:
    return split_names(line)


def _parse_json(line: str) -> Any:
    try:
        drink = json.loads(line, object_pairs_hook=reject_duplicate_keys)
    except DuplicateField as error:
        raise LineInvalid("malformed", str(error)) from error
    except (ValueError, RecursionError) as error:
        detail = "The line is not JSON; check its quotes and commas."
        raise LineInvalid("malformed", detail) from error
    if not isinstance(drink, dict | list):
        raise LineInvalid("malformed", "The line is neither a drink nor a list of names.")
    return drink


def _error(number: int, error_type: str, detail: str) -> str:
    error = {"line": number, "error": {"type": error_type, "detail": detail}}
    return json.dumps(error, ensure_ascii=False, separators=(",", ":"))
