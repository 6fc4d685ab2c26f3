"""The lines of a document: from text to the model's requests, and from its answers to JSON."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from suggester.errors import MaskEmpty
from suggester.kinds import KINDS
from suggester.requests import (
    MAX_FILTER,
    MAX_INGREDIENTS,
    MAX_NAME,
    MAX_TOP_K,
    SEPARATOR,
    Request,
    object_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from functions.worker.documents import Line
    from suggester.requests import Answer
    from suggester.suggester import Suggester
    from suggester.vocabulary import Language, Vocabulary
    from tasks.documents import Format

MAX_LINE: Final = 192 * 1024  # bytes: what a request may be, too
NAMES: Final = 8192  # spellings that are remembered
HINTS: Final = 20  # unknown names of a batch that are told what they resemble: each takes 3 ms
NOTHING_LEFT: Final = "Nothing is left to suggest; exclude less."
FIELDS: Final = frozenset({"ingredients", "kind", "top_k", "length", "exclude", "only"})


logger = logging.getLogger(__name__)


class LineInvalid(Exception):
    """A line that cannot be answered. The message is shown to the owner."""

    def __init__(self, error_type: str, detail: str) -> None:
        super().__init__(detail)
        self.type = error_type


class Lines:
    """Answers batches of lines.

    Args:
        suggester: the model.
        defaults: what a line asks for that does not say so itself.
        form: what a line is: `text` has names with `;` between them.
        language: of the names in the answers.
    """

    def __init__(
        self, suggester: Suggester, defaults: Request, form: Format, language: Language
    ) -> None:
        self._suggester = suggester
        self._defaults = defaults
        self._parse: Callable[[bytes], Any] = _names_of if form == "text" else _json_of
        self._read = _Reader(suggester.vocabulary, defaults)
        self._names = {
            entry.id: json.dumps(entry.name(language), ensure_ascii=False)
            for entry in suggester.vocabulary.ingredients
        }

    def answer(self, lines: Sequence[Line]) -> tuple[list[str], int]:
        """Return a line of JSON for each, and how many of them are errors."""
        self._read.hints = HINTS
        answers: dict[int, str] = {}
        requests: list[tuple[int, Request]] = []
        for number, line in lines:
            try:
                requests.append((number, self._read(self._parse(line))))
            except LineInvalid as error:
                answers[number] = _error(number, error.type, str(error))
        failed = len(answers) + self._ask(requests, answers)
        return [answers[number] for number, _ in lines], failed

    def _ask(self, requests: Sequence[tuple[int, Request]], answers: dict[int, str]) -> int:
        """Add the answers; halve what fails until a line stands alone, and count those."""
        if not requests:
            return 0
        try:
            found = self._suggester.answer([request for _, request in requests])
        except (OSError, MemoryError):
            raise
        except Exception as error:
            if isinstance(error, MaskEmpty) and (empty := self._with_empty_masks(requests)):
                for number in empty:
                    answers[number] = _error(number, "nothing-to-suggest", NOTHING_LEFT)
                others = [(number, asked) for number, asked in requests if number not in empty]
                return len(empty) + self._ask(others, answers)
            if len(requests) > 1:
                half = len(requests) // 2
                return self._ask(requests[:half], answers) + self._ask(requests[half:], answers)
            logger.exception("The model failed")
            [(number, _)] = requests
            answers[number] = _error(number, "prediction-failed", "The model cannot answer this.")
            return 1
        for (number, _), answer in zip(requests, found, strict=True):
            answers[number] = self._line(number, answer)
        return 0

    def _with_empty_masks(self, requests: Sequence[tuple[int, Request]]) -> set[int]:
        """Find the lines that leave nothing to suggest, all at once: halving would take long."""
        rows = self._suggester.find_unanswerable([request for _, request in requests])
        return {requests[row][0] for row in rows}

    def _line(self, number: int, answer: Answer) -> str:
        """Write an answer: by hand, since this is done 100,000 times."""
        names = self._names
        result = SEPARATOR.join(names[added][1:-1] for added in answer.added)
        suggestions = ",".join(
            f'{{"ingredient":{names[name]},"probability":{probability:.6f}}}'
            for name, probability in answer.suggestions
        )
        return f'{{"line":{number},"result":"{result}","suggestions":[{suggestions}]}}'


class _Reader:
    """Makes a request of what a line says."""

    def __init__(self, vocabulary: Vocabulary, defaults: Request) -> None:
        self._vocabulary = vocabulary
        self._defaults = defaults
        self._id_of = lru_cache(NAMES)(self._find)
        self.hints = HINTS

    def __call__(self, said: Any) -> Request:
        """Read a list of names, or an object with the fields of a drink.

        Raises:
            LineInvalid: it is neither, or says what cannot be answered.
        """
        plain = self._defaults
        if isinstance(said, dict):
            request = self._request(said)
        else:
            ids = self._ids("ingredients", said, MAX_INGREDIENTS)
            request = Request(ids, plain.kind, plain.top_k, plain.length, plain.exclude, plain.only)
        if request.kind == "complete" and request.length <= len(request.ingredients):
            raise LineInvalid("invalid", "length must be greater than the ingredients given.")
        return request

    def _request(self, said: dict[str, Any]) -> Request:
        if unknown := said.keys() - FIELDS:
            raise LineInvalid("invalid", f"There is no field {min(unknown)[:MAX_NAME]!r}.")
        plain, kind = self._defaults, said.get("kind", self._defaults.kind)
        if not isinstance(kind, str) or kind not in KINDS:
            raise LineInvalid("invalid", f"kind is one of {', '.join(KINDS)}.")
        only = said.get("only", plain.only)
        return Request(
            ingredients=self._ids("ingredients", said.get("ingredients", []), MAX_INGREDIENTS),
            kind=kind,
            top_k=_count("top_k", said.get("top_k", plain.top_k), MAX_TOP_K),
            length=_count("length", said.get("length", plain.length), MAX_INGREDIENTS),
            # What is excluded everywhere may be an allergy: a line can only add to it.
            exclude=tuple(sorted({*plain.exclude, *self._ids("exclude", said.get("exclude", []))})),
            only=self._ids("only", only) if "only" in said and only is not None else only,
        )

    def _ids(self, field: str, names: Any, most: int = MAX_FILTER) -> tuple[str, ...]:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise LineInvalid("invalid", f"{field} must be a list of names.")
        if len(names) > most:
            raise LineInvalid("invalid", f"{field} has at most {most} names.")
        return tuple(sorted({self._id_of(name) or self._unknown(name) for name in names}))

    def _find(self, name: str) -> str | None:
        found = self._vocabulary.find(name)
        return None if found is None else found.id

    def _unknown(self, name: str) -> str:
        alike = []
        if self.hints and len(name) <= MAX_NAME:
            self.hints -= 1
            alike = self._vocabulary.nearest(name)
        hint = f"did you mean {' or '.join(alike)}?" if alike else "GET /api/ingredients has names."
        raise LineInvalid("unknown-ingredient", f"{name[:MAX_NAME]!r} is not known; {hint}")


def _names_of(line: bytes) -> list[str]:
    return [name for part in _text(line).split(SEPARATOR) if (name := part.strip())]


def _json_of(line: bytes) -> Any:
    try:
        said = json.loads(_text(line), object_pairs_hook=object_of)
    except (ValueError, RecursionError) as error:
        raise LineInvalid("malformed", "The line is not JSON, or says a field twice.") from error
    if not isinstance(said, dict | list):
        raise LineInvalid("malformed", "The line is neither a drink nor a list of names.")
    return said


def _text(line: bytes) -> str:
    if len(line) > MAX_LINE:
        raise LineInvalid("too-large", f"A line has at most {MAX_LINE} bytes.")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise LineInvalid("malformed", "The line is not UTF-8 text.") from error


def _count(field: str, value: Any, most: int) -> int:
    if type(value) not in (int, float) or value not in range(1, most + 1):
        raise LineInvalid("invalid", f"{field} is a whole number from 1 to {most}.")
    return int(value)


def _error(number: int, error_type: str, detail: str) -> str:
    error = {"line": number, "error": {"type": error_type, "detail": detail}}
    return json.dumps(error, ensure_ascii=False, separators=(",", ":"))
