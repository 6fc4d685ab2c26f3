"""Rules about documents."""

from __future__ import annotations

import json
from math import isclose
from typing import TYPE_CHECKING, Any, Final

from functions.worker.document_reader import MAX_HAND_OVERS
from infra.simulation.model import is_poisoned, vocabulary_of
from infra.simulation.rules.facts import Violation
from suggester.errors import SuggesterError
from suggester.requests import SEPARATOR, Request
from tasks.document_keys import SUFFIXES
from tasks.task import Lane, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from infra.simulation.rules.facts import Facts, TaskFacts

TOLERANCE: Final = 1e-5  # of a probability


def documents_are_whole(facts: Facts) -> Iterator[Violation]:
    """Every line has exactly one answer, from one version of the file and a model that read it."""
    for task, accepted in facts.accepted:
        if accepted.task.lane is not Lane.DOCUMENT or task.outcome != Status.SUCCESS:
            continue
        at = task.end.at if task.end is not None else 0.0
        result = task.attribute("result")
        key = (result or {}).get("document", {}).get("key", "")
        content = facts.round.stack.bucket.objects.get(key)
        if content is None:
            yield Violation(task.task_id, at, "its result does not exist")
            continue
        models = [span.model for span in task.spans if span.kind == "DocumentFunction"]
        name = accepted.submission.input["document"]
        errors = [
            _error(facts, _lines(name, facts, etag), content, result, dict.fromkeys(models))
            for etag in _versions(task, name)
        ]
        if None not in errors:
            text = errors[-1] if errors else "no invocation read the document"
            yield Violation(task.task_id, at, text or "")


def _versions(task: TaskFacts, key: str) -> list[str]:
    """Return the ETags of the versions that were there when work began, the last one last."""
    reads = [event for event in task.files if event.change == "read" and event.start == 0]
    return list(dict.fromkeys(event.etag for event in reads if event.key == key))


def _lines(name: str, facts: Facts, etag: str) -> dict[int, str]:
    """Return the lines of a version of a document, by number; blank lines have no answer."""
    lines = facts.history.contents[etag].decode().splitlines()
    found = {number: line for number, line in enumerate(lines, 1) if line.strip()}
    is_json = name.endswith(SUFFIXES["jsonl"])
    return {number: json.loads(line) if is_json else line for number, line in found.items()}


def _error(
    facts: Facts,
    lines: dict[int, str],
    content: bytes,
    result: dict[str, Any],
    models: Iterable[str],
) -> str | None:
    """Return what is wrong with the answers to a version of the document, or None."""
    answers = [json.loads(line) for line in content.decode().splitlines()]
    numbers = list(lines)
    found = [answer["line"] for answer in answers]
    if found != numbers:
        return f"the answered lines are {_ranges(found)}, not {_ranges(numbers)}"
    failed = sum("error" in answer for answer in answers)
    counts = {"lines": len(numbers), "answered": len(numbers) - failed, "failed": failed}
    if {name: result["document"][name] for name in counts} != counts:
        return f"the counts are {result['document']}, not {counts}"
    for answer in answers:
        line = lines[answer["line"]]
        if not any(_is_right(facts, model, line, answer) for model in models):
            return f"line {answer['line']} is {answer}"
    return None


def _ranges(numbers: list[int]) -> str:
    if not numbers:
        return "none"
    repeated = len(numbers) - len(set(numbers))
    return f"{numbers[0]} to {numbers[-1]} ({len(numbers)}, {repeated} repeated)"


def _is_right(facts: Facts, model: str, line: str, answer: dict[str, Any]) -> bool:
    names = [name.strip() for name in line.split(SEPARATOR) if name.strip()]
    known = vocabulary_of(model).index
    request = Request(tuple(sorted(set(names))))
    if not all(name in known for name in names):
        return "error" in answer
    if is_poisoned(request):
        return "error" in answer
    try:
        expected = facts.oracle.answer(model, request)
    except SuggesterError:
        return "error" in answer
    if "error" in answer or len(answer["suggestions"]) != len(expected.suggestions):
        return False
    return answer["result"] == SEPARATOR.join(expected.added) and all(
        found["ingredient"] == right.ingredient
        and isclose(found["probability"], right.probability, rel_tol=0, abs_tol=TOLERANCE)
        for found, right in zip(answer["suggestions"], expected.suggestions, strict=True)
    )


def hand_overs_are_few(facts: Facts) -> Iterator[Violation]:
    """A document is handed over a limited number of times, each time after a new part."""
    for task in facts.tasks.values():
        found = ((event.actor, event.key) for event in task.files if event.change == "written")
        writers = {actor for actor, key in found if key.startswith("parts/")}
        for event, before in facts.hand_overs(task):
            if before >= MAX_HAND_OVERS:
                yield Violation(task.task_id, event.at, f"it was handed over {before + 1} times")
            if event.actor not in writers:
                yield Violation(task.task_id, event.at, "it was handed over without a line read")


def progress_is_plausible(facts: Facts) -> Iterator[Violation]:
    """A report of progress has a share from 0 to 1, and lines that are answered or failed."""
    for task, accepted in facts.accepted:
        for write in task.writes:
            if write.after is None or "progress" not in write.after:
                continue
            progress = json.loads(write.after["progress"]["S"])
            lines = progress["answered"] + progress["failed"]
            if (
                accepted.task.lane is not Lane.DOCUMENT
                or not 0 <= progress["fraction"] <= 1
                or progress["lines"] != lines
            ):
                yield Violation(task.task_id, write.at, f"the progress is {progress}")
