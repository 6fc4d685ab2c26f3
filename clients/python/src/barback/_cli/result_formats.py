"""Writes results as JSON and CSV."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from barback._cli.terms import in_terms_of_a_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from barback._cli.input_file import InputLine
    from barback._responses import LineResult, Part, Result

COLUMNS: Final = (
    "line",
    "ingredients",
    "task_id",
    "status",
    "result",
    "probability",
    "error",
    "output",
    "suggestions",
    "probabilities",
)


def to_json(value: Any) -> str:
    """Return a response, or a collection of responses, as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, default=_fields)


def _fields(value: Any) -> Any:
    """Return the JSON value of a time or of a response, with reasons in own terms."""
    return value.isoformat() if isinstance(value, datetime) else _in_own_terms(asdict(value))


def _in_own_terms(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_in_own_terms(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: _in_own_terms(each) for name, each in value.items()}
    match found:
        case {"error": {"detail": str(detail)}}:
            found["error"]["detail"] = in_terms_of_a_line(detail)
    return found


def to_local_time(moment: datetime) -> str:
    """Return a time in the zone of this machine."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def to_line(result: Result) -> str:
    """Return the id of a task, its status and what was answered, with tabs between them."""
    has_object = result.parts or result.output is not None
    answer = to_json(answer_of(result)) if has_object else ";".join(result.names)
    return f"{result.task_id}\t{result.status}\t{answer}"


def answer_of(found: Result | LineResult | Part) -> dict[str, Any]:
    """Return what was answered, without the fields that have no meaning for the kind."""
    if parts := getattr(found, "parts", None):
        return {kind: answer_of(part) for kind, part in parts.items()}
    if found.error:
        return {"error": asdict(found.error)}
    if found.output is not None:
        return found.output
    understood = {} if found.understood is None else {"understood": found.understood}
    suggestions = [
        {name: value for name, value in asdict(each).items() if value is not None}
        for each in found.suggestions
    ]
    return {"result": found.result, "suggestions": suggestions, **understood}


def write_csv(stream: TextIO, results: Iterable[tuple[InputLine, Result]]) -> None:
    """Write a row of `COLUMNS` for each line; names in a cell are separated by `;`.

    `suggestions` and `probabilities` have as many entries as --top-k asks for, the best first.
    `output` is JSON: the answer of another kind than `next` and `complete`, or of several kinds.
    """
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line, result in results:
        best = f"{result.suggestions[0].probability:.4f}" if result.suggestions else ""
        rows.writerow(
            (
                line.number,
                _names(line),
                result.task_id,
                result.status,
                ";".join(result.names),
                best,
                in_terms_of_a_line(result.error.detail) if result.error else "",
                to_json(answer_of(result)) if result.parts or result.output is not None else "",
                ";".join(each.ingredient for each in result.suggestions),
                ";".join(f"{each.probability:.4f}" for each in result.suggestions),
            )
        )


def _names(line: InputLine) -> str:
    names = line.drink.to_json().get("ingredients") if line.drink else None
    return ";".join(map(str, names)) if isinstance(names, list) else ""


def write_json(stream: TextIO, results: Iterable[tuple[InputLine, Result]]) -> None:
    """Write an array with the line number, the drink and the result of each line."""
    entries = [
        {"line": line.number, "drink": line.drink and line.drink.to_json(), **_fields(result)}
        for line, result in results
    ]
    stream.write(json.dumps(entries, ensure_ascii=False, indent=2) + "\n")
