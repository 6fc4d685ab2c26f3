"""The lines of JSON in the results of a document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from suggester.naming import Naming
from suggester.requests import SEPARATOR, Answer

if TYPE_CHECKING:
    from pipelines.registry import Registry
    from suggester.vocabulary import Language, Vocabulary


def line_of(number: int, fields: str) -> str:
    """Return the line with the number of a line of the document, and with these members."""
    return f'{{"line":{number},{fields}}}'


def error_fields(error_type: str, detail: str) -> str:
    """Return the members of an error."""
    return f'"error":{_compact({"type": error_type, "detail": detail})}'


def parts_fields(parts: dict[str, str]) -> str:
    """Return the members of a line with several kinds, from the members of each."""
    members = ",".join(f"{_compact(kind)}:{{{fields}}}" for kind, fields in parts.items())
    return f'"parts":{{{members}}}'


class LineFormats:
    """Formats answers, with names in one language."""

    def __init__(self, registry: Registry, vocabulary: Vocabulary, language: Language) -> None:
        self._registry = registry
        self._naming = Naming(vocabulary, language)
        self._quoted = {e.id: _compact(e.name(language)) for e in vocabulary.ingredients}

    def answer(self, kind: str, output: Any) -> str:
        """Return the members of an answer."""
        if isinstance(output, Answer) and not output.reasons and output.understood is None:
            return self._suggestions(output)
        pipeline = self._registry[kind]
        found = pipeline.present(pipeline.encode_output(output), self._naming)
        if isinstance(output, Answer):
            return _compact(found)[1:-1]
        return f'"output":{_compact(found)}'

    def _suggestions(self, answer: Answer) -> str:
        """Format an answer by hand, because this runs up to 100,000 times."""
        names = self._quoted
        result = SEPARATOR.join(names[added][1:-1] for added in answer.added)
        suggestions = ",".join(
            f'{{"ingredient":{names[name]},"probability":{probability:.6f}}}'
            for name, probability in answer.suggestions
        )
        return f'"result":"{result}","suggestions":[{suggestions}]'


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
