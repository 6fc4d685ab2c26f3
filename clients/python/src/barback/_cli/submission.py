"""The drinks of a file as tasks: one for each, or one document for all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barback import AsyncBarback, Line, Result, Status, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from barback._cli.input_file import Entry


@dataclass(frozen=True, slots=True)
class Job:
    """Drinks and how they are submitted."""

    entries: list[Entry]
    as_document: bool
    idempotency_key: str

    async def submit(self, bar: AsyncBarback) -> list[Task]:
        """Submit the drinks."""
        drinks = [entry.drink for entry in self.entries]
        if not self.as_document:
            return await bar.submit(drinks, idempotency_key=self.idempotency_key)
        lines = [json.dumps(drink.to_json(), ensure_ascii=False) for drink in drinks]
        content = "\n".join(lines).encode()
        return [await bar.submit_document(content, idempotency_key=self.idempotency_key)]

    async def answers(
        self,
        bar: AsyncBarback,
        tasks: list[Task],
        wait: float,
        on_result: Callable[[Result], object],
    ) -> list[Result]:
        """Return a result for each drink; for lines of a document, what is known of them."""
        results = await bar.results(tasks, wait=wait, on_result=on_result)
        if not self.as_document:
            return results
        [result] = results
        if result.status is not Status.SUCCESS:
            return results * len(self.entries)
        return [_of_line(result, line) for line in await bar.lines(result)]


def _of_line(result: Result, line: Line) -> Result:
    return Result(
        task_id=result.task_id,
        status=Status.FAIL if line.error else Status.SUCCESS,
        result=line.result,
        suggestions=line.suggestions,
        error=line.error,
        attempts=result.attempts,
        model=result.model,
    )
