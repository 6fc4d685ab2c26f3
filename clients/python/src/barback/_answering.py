"""Answers a run: submits its batches, several at a time, and collects their results."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from barback._errors import ApiError, field_errors, is_about_query
from barback._requests import MAX_BYTES, SubmitOptions
from barback._responses import DocumentProgress, Failure, Result, Status
from barback._run import Run, RunProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from barback._batches import Batch
    from barback._input import AnyInput
    from barback._responses import LineResult, Task
    from barback._service import Service

BATCHES: Final = 8  # in flight at a time
FETCHES: Final = 2  # requests for results of one batch at a time
FIRST_WAIT: Final = 2  # seconds for which a submission waits for its results
KEY_REUSED: Final = "urn:barback:problem:key-reused"
REFUSALS: Final = (400, 413, 422)  # the statuses that may be about a drink


@dataclass(slots=True)
class Answering:
    """One attempt to finish a run until a time of the service's clock."""

    service: Service
    run: Run
    until: float
    on_progress: Callable[[RunProgress], object] | None = None
    documents: dict[int, DocumentProgress] = field(default_factory=dict)

    async def submit(self) -> None:
        """Submit the batches that the service has not accepted."""
        self._report()
        await self.service.transport.for_each(self.run.batches, self._submit, BATCHES)

    async def answer(self) -> None:
        """Submit the batches and collect the results."""
        self._report()
        await self.service.transport.for_each(self.run.batches, self._answer, BATCHES)

    async def _answer(self, batch: Batch) -> None:
        await self._submit(batch, self.service.server_wait(self.until, FIRST_WAIT))
        if self.run.as_document:
            await self._collect_document(batch)
            return
        await self.service.transport.for_each(
            self.run.open_positions(batch), self._collect_drink, FETCHES
        )

    async def _submit(self, batch: Batch, wait: int = 0) -> None:
        if self.run.is_accepted(batch):
            return
        self.run.unanswered.add(batch.number)
        try:
            if self.run.as_document:
                await self._submit_document(batch)
            else:
                await self._submit_array(batch, wait)
        except ApiError as error:
            if error.status < 500:  # noqa: PLR2004 - the service has refused the request
                self.run.unanswered.discard(batch.number)
            raise
        self.run.unanswered.discard(batch.number)
        self._report()

    async def _submit_array(self, batch: Batch, wait: int) -> None:
        """Submit an array; after a refusal, submit it again without the refused drink."""
        while positions := self.run.open_positions(batch):
            try:
                results = await self.service.submit_batch(
                    self.run.body_of(positions), self.run.options_of(batch), wait
                )
            except ApiError as error:
                self.run.record_refusal(*self._refused(error, positions))
                continue
            self.run.record_accepted(batch, [result.task_id for result in results])
            if batch_id := results[0].batch_id:
                self.run.batch_ids.append(batch_id)
            if wait and all(result.is_final for result in results):  # else only ids and statuses
                for position, result in zip(positions, results, strict=True):
                    self.run.record_result(position, result)
            return

    def _refused(self, error: ApiError, positions: list[int]) -> tuple[int, Failure]:
        """Return the position of the drink that an error is about, or raise the error."""
        if is_about_query(error):
            raise error
        index = -1 if error.index is None else error.index
        errors = field_errors(error, max(index, 0))
        if 0 <= index < len(positions) and error.status in REFUSALS:
            position = error.index = positions[index]
        elif len(positions) == 1 and error.status in REFUSALS and error.type != KEY_REUSED:
            [position] = positions
        else:
            raise error
        if self.run.strict:
            raise error
        detail = "; ".join(f"{field}: {reason}" for field, reason in errors)
        return position, Failure(
            error.type.rpartition(":")[2], f"{detail}." if detail else str(error)
        )

    async def _submit_document(self, batch: Batch) -> None:
        options = self.run.options_of(batch)
        document = self.run.documents.get(batch.number)
        task = None
        if document is None:
            entries = self.run.body_of(batch.positions)
            lines = [json.dumps(entry, ensure_ascii=False) for entry in entries]
            content = "\n".join(lines).encode()
            if len(content) <= MAX_BYTES:
                task = await self._submit_lines(entries, options)
            if task is None:
                document = await self.service.upload(content, "jsonl")
                self.run.record_upload(batch, document)
        if task is None:
            task = await self.service.submit_body(
                {"document": document, **self.run.document_fields}, options
            )
        self.run.record_accepted(batch, [task.task_id])

    async def _submit_lines(
        self, entries: list[dict[str, Any]], options: SubmitOptions
    ) -> Task | None:
        """Submit a small document in one request; return None if it must be uploaded instead.

        An earlier version of the service or of this client, or a line that would fail alone in a
        file, are reasons for a refusal.
        """
        try:
            body = {"lines": entries, **self.run.document_fields}
            return await self.service.submit_body(body, options)
        except ApiError as error:
            if error.status in REFUSALS and not is_about_query(error):
                return None
            raise

    async def _collect_drink(self, position: int) -> None:
        wait = self.until - self.service.transport.now()
        result = await self.service.result(self.run.ids[position], wait)
        if result.is_final:
            self.run.record_result(position, result)
            self._report()

    async def _collect_document(self, batch: Batch) -> None:
        if not (positions := self.run.open_positions(batch)):
            return
        wait = self.until - self.service.transport.now()
        on_poll = partial(self._note_progress, batch)
        result = await self.service.result(self.run.ids[positions[0]], wait, on_poll)
        if result.status is Status.SUCCESS:
            for line in await self.service.lines(result):
                position = batch.positions[line.line - 1]
                kind = self.run.drinks[position].kind
                self.run.keep(position, _result_of_line(result, line, kind))
        elif result.is_final:
            for position in positions:
                self.run.keep(position, result)
        self.documents.pop(batch.number, None)
        self._report()

    def _note_progress(self, batch: Batch, result: Result) -> None:
        if result.progress:
            self.documents[batch.number] = result.progress
        self._report()

    def _report(self) -> None:
        if not self.on_progress:
            return
        results, parts = self.run.results, self.documents.values()
        self.on_progress(
            RunProgress(
                done=len(results) + sum(part.answered + part.failed for part in parts),
                failed=self.run.failed + sum(part.failed for part in parts),
                total=len(self.run.drinks),
                measured=bool(parts or results) or not self.run.as_document,
            )
        )


async def answer(
    service: Service,
    drinks: Run | Iterable[AnyInput],
    wait: float,
    on_progress: Callable[[RunProgress], object] | None = None,
) -> list[Result]:
    """Answer drinks and return a result for each, after at most `wait` seconds of waiting."""
    run = drinks if isinstance(drinks, Run) else Run(drinks)
    await Answering(service, run, service.transport.now() + wait, on_progress).answer()
    return run.all_results


async def submit(
    service: Service,
    drinks: Run | AnyInput | Iterable[AnyInput],
    wait: float,
    **options: Any,
) -> list[Result]:
    """Submit drinks and return their tasks. `options` are the fields of `SubmitOptions`.

    Raises:
        ValueError: there are options for a `Run`, which has its own.
    """
    if not isinstance(drinks, Run):
        return await service.submit(drinks, SubmitOptions(**options), wait)
    if wait or any(options.values()):
        raise ValueError("A Run has its own options, such as Run(drinks, webhook=…).")
    await Answering(service, drinks, service.transport.now()).submit()
    return [Result(task_id, Status.PROCESSING) for task_id in drinks.task_ids]


def _result_of_line(result: Result, line: LineResult, kind: Any) -> Result:
    errors = [part.error for part in line.parts.values()]
    # A line of several kinds failed if all its parts did, like a task.
    error = line.error or (errors[0] if errors and all(errors) else None)
    return Result(
        task_id=result.task_id,
        status=Status.FAIL if error else Status.SUCCESS,
        kind=tuple(kind) if isinstance(kind, list | tuple) else kind,
        result=line.result,
        suggestions=line.suggestions,
        output=line.output,
        parts=line.parts,
        error=error,
        attempts=result.attempts,
        model=result.model,
        metadata=result.metadata,
    )
