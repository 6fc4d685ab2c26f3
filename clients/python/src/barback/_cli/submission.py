"""Submits the drinks of a file, as separate tasks or as one document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barback._responses import LineResult, Result, Status, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from barback._async_client import AsyncBarback
    from barback._drink import Drink


@dataclass(frozen=True, slots=True)
class Submission:
    """Drinks and how to submit them."""

    drinks: Sequence[Drink]
    as_document: bool
    idempotency_key: str

    async def submit(self, bar: AsyncBarback) -> list[Task]:
        """Submit the drinks and return their tasks; a document is one task."""
        if not self.as_document:
            return await bar.submit(self.drinks, idempotency_key=self.idempotency_key)
        lines = [json.dumps(drink.to_json(), ensure_ascii=False) for drink in self.drinks]
        content = "\n".join(lines).encode()
        return [await bar.submit_document(content, idempotency_key=self.idempotency_key)]

    async def results(
        self,
        bar: AsyncBarback,
        tasks: list[Task],
        wait: float,
        on_result: Callable[[Result], object],
    ) -> list[Result]:
        """Return a result for each drink; every line of an unfinished document has its status."""
        results = await bar.results(tasks, wait=wait, on_result=on_result)
        if not self.as_document:
            return results
        [result] = results
        if result.status is not Status.SUCCESS:
            return results * len(self.drinks)
        return [_result_of_line(result, line) for line in await bar.lines(result)]


def _result_of_line(result: Result, line: LineResult) -> Result:
    return Result(
        task_id=result.task_id,
        status=Status.FAIL if line.error else Status.SUCCESS,
        result=line.result,
        suggestions=line.suggestions,
        error=line.error,
        attempts=result.attempts,
        model=result.model,
    )
