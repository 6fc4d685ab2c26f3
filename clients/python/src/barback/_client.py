"""The synchronous client."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

import httpx2

from barback._answering import answer, submit
from barback._deliveries import deliveries, redeliver, webhook_secrets
from barback._drink import Drink
from barback._endpoint import Endpoint
from barback._following import cancel_batch, fetch_batch, list_tasks, retry
from barback._input import Input
from barback._requests import SubmitOptions
from barback._retries import Retries
from barback._service import DEFAULT_WAIT, Service
from barback._session import Session
from barback._transports import BlockingTransport, iterate_blocking, open_client, run_blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from barback._catalog import Group, Ingredient, QueueLoad
    from barback._collections import Batch, CancelledBatch, ListedTask
    from barback._deliveries import Delivery
    from barback._drink import CompleteOptions, SuggestOptions
    from barback._input import AnyInput
    from barback._responses import LineResult, Result, Status, Task
    from barback._run import Run, RunProgress


class Barback:
    """A client for the service. It keeps connections open until `close` or the end of `with`.

    Args:
        url: the service's URL, such as http://127.0.0.1:8000, with the path of a stage.
        api_key: the API key, if the service needs one.
        language: the language of the names in the results, `en` or `ru`.
        timeout: the seconds within which the whole response to one request must arrive, on top
            of the time for which the client asks the service to wait, and of a second for each
            50 kB of a file.
        retries: how often and how long after an error to retry a request.
        transport: replaces the HTTP transport of httpx2, for a proxy or a test.

    Raises:
        ValueError: the URL, the key, the language, or a proxy or certificate in the environment
            is not valid.
    """

    def __init__(
        self,
        url: str,
        api_key: str = "",
        *,
        language: str = "en",
        timeout: float = 10.0,
        retries: Retries | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        endpoint = Endpoint(url, api_key, language, timeout)
        self._url = url
        self._http = open_client(lambda: httpx2.Client(transport=transport))
        session = Session(BlockingTransport(self._http), endpoint, retries or Retries())
        self._service = Service(session)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def suggest(
        self,
        ingredients: Sequence[str] = (),
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Unpack[SuggestOptions],
    ) -> Result:
        """Suggest an ingredient to add to a drink, or a base for a drink without ingredients.

        Args:
            ingredients: names or ids.
            ignore_unknown: leaves out unknown names in `ingredients` and `only`. In `exclude`, they
                are always refused, because they may be allergies.
            idempotency_key: a second call with the same drink and key returns the same result.
            webhook: the URL to which the service delivers the result, too.
            wait: the seconds to wait for the result.
            fields: other fields of a `Drink`, such as `exclude`.

        Raises:
            TaskFailed: the service could not find a suggestion.
            TaskCancelled: the task was cancelled.
            TaskTimeout: the task was not finished within `wait` seconds; the error has the task.
        """
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        return run_blocking(self._service.ask(Drink(ingredients, **fields), wait, options))

    def complete(
        self,
        ingredients: Sequence[str] = (),
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Unpack[CompleteOptions],
    ) -> Result:
        """Suggest the ingredients that finish a drink; without `length`, the model decides.

        Raises the errors of `suggest`.
        """
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        drink = Drink(ingredients, "complete", **fields)
        return run_blocking(self._service.ask(drink, wait, options))

    def run(  # noqa: PLR0913 - one for each option
        self,
        kind: str | Sequence[str],
        /,
        *,
        priority: Literal["interactive", "bulk"] | None = None,
        deadline_seconds: int | None = None,
        metadata: Mapping[str, str] | None = None,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = DEFAULT_WAIT,
        **fields: Any,
    ) -> Result:
        """Answer an input of any kind, such as `bar.run("complete", ingredients=["milk"])`.

        Several kinds share the fields, and the result has `parts`. The service refuses a field
        that no kind has.

        Raises:
            ApiError: the service refused the kind or a field.
            ValueError: a field is not JSON.
            TaskUnsuccessful, TaskTimeout: as for `suggest`.
        """
        options = SubmitOptions(idempotency_key, ignore_unknown, webhook)
        found = Input(kind, fields, priority, deadline_seconds, metadata)
        return run_blocking(self._service.ask(found, wait, options))

    def submit(
        self,
        drinks: Run | AnyInput | Iterable[AnyInput],
        *,
        ignore_unknown: bool = False,
        idempotency_key: str = "",
        webhook: str = "",
        wait: float = 0.0,
    ) -> list[Result]:
        """Submit any number of inputs and return their tasks in order.

        A retry never creates a second task. Neither does a second call with the same drinks and
        the same idempotency key. The service delivers the results to the `webhook`, a URL, when
        all tasks of a request have ended. With `wait`, each request takes up to so many seconds (20
        at most) until its tasks have ended; only then they have their results.

        Raises:
            ApiError: the service refused a drink. `index` is the position of the drink, and
                `tasks` has the tasks of the drinks that were submitted before it.
        """
        return run_blocking(
            submit(
                self._service,
                drinks,
                wait,
                ignore_unknown=ignore_unknown,
                idempotency_key=idempotency_key,
                webhook=webhook,
            )
        )

    def answer(
        self,
        drinks: Run | Iterable[AnyInput],
        *,
        wait: float = 600.0,
        on_progress: Callable[[RunProgress], object] | None = None,
    ) -> list[Result]:
        """Answer any number of drinks; a drink that the service refuses fails alone.

        After an error, call it again with the same `Run`: the work continues.
        """
        return run_blocking(answer(self._service, drinks, wait, on_progress))

    def result(
        self,
        task: Task | str,
        *,
        wait: float = 0.0,
        on_progress: Callable[[Result], object] | None = None,
    ) -> Result:
        """Return the result of a task; after `wait` seconds, its status may be PROCESSING.

        `on_progress` gets each result that is not final; a document's has `progress`.
        """
        return run_blocking(self._service.result(task, wait, on_progress))

    def results(
        self,
        tasks: Iterable[Task | str],
        *,
        wait: float = 0.0,
        on_result: Callable[[Result], object] | None = None,
    ) -> list[Result]:
        """Return the results of tasks in order, after at most `wait` seconds in total.

        A failed task is a result, not an exception. `on_result` is called with each result as
        soon as it is known.
        """
        until = time.monotonic() + wait
        results = []
        for task in tasks:
            results.append(self.result(task, wait=until - time.monotonic()))
            if on_result:
                on_result(results[-1])
        return results

    def status(self, task: Task | str) -> Task:
        """Return the task with its current status."""
        return run_blocking(self._service.status(task))

    def cancel(self, task: Task | str) -> Task:
        """Cancel a task. A task that has already finished raises ApiError with status 409."""
        return run_blocking(self._service.cancel(task))

    def retry(self, task: Task | str) -> Task:
        """Submit a task that failed or was cancelled again, and return the new task.

        A repetition returns the same new task. Other tasks raise ApiError with status 409.
        """
        return run_blocking(retry(self._service, task))

    def batch(self, batch: Task | str, *, wait: float = 0.0) -> Batch:
        """Return the results of a batch, after at most `wait` seconds.

        `submit` submits arrays of up to 99 drinks, and each is a batch: `batch` is the `batch_id`
        of one of its tasks, or such a task itself.
        """
        return run_blocking(fetch_batch(self._service, batch, wait))

    def cancel_batch(self, batch: Task | str) -> CancelledBatch:
        """Cancel the tasks of a batch that have not ended. Repeating it changes nothing."""
        return run_blocking(cancel_batch(self._service, batch))

    def tasks(
        self,
        *,
        status: Status | str | None = None,
        since: datetime | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> Iterator[ListedTask]:
        """Iterate over your tasks, the newest first; pages are fetched as needed.

        Without `limit`, it ends with the oldest task that the service has. New tasks may be
        missing for a few seconds, and a service may have no list.

        Raises:
            ApiError: the service keeps no list of tasks.
            ValueError: `since` has no time zone.
        """
        return iterate_blocking(list_tasks(self._service, status, since, kind, limit))

    def webhook_secrets(self) -> list[str]:
        """Return the secrets with which your webhooks are signed, newest first; see `verify`."""
        return run_blocking(webhook_secrets(self._service, "GET"))

    def rotate_webhook_secret(self) -> list[str]:
        """Make a new secret and return all; the previous one stays valid for a day."""
        return run_blocking(webhook_secrets(self._service, "POST"))

    def deliveries(self, task: Task | str) -> Delivery:
        """Return the attempts to deliver the result of a task, or of its array, to its webhook."""
        return run_blocking(deliveries(self._service, task))

    def redeliver(self, task: Task | str) -> Delivery:
        """Start the delivery of a task, or of its array, again."""
        return run_blocking(redeliver(self._service, task))

    def ingredients(self, part: str = "", *, limit: int | None = None) -> list[Ingredient]:
        """List the ingredients whose names contain `part`; names that start with it come first."""
        return run_blocking(self._service.ingredients(part, limit))

    def groups(self) -> list[Group]:
        """List the groups that a drink can exclude, such as `group:dairy`."""
        return run_blocking(self._service.groups())

    def queue(self) -> dict[str, QueueLoad]:
        """Return the load of each queue by its name, such as `interactive` or `bulk`."""
        return run_blocking(self._service.queue())

    def submit_document(
        self,
        document: Path | str | bytes,
        *,
        file_format: Literal["text", "jsonl"] = "jsonl",
        defaults: AnyInput | None = None,
        idempotency_key: str = "",
        webhook: str = "",
    ) -> Task:
        """Upload up to 100,000 drinks, one per line, and submit them as one task.

        Args:
            document: the path of a file, or its content as bytes.
            file_format: `text` has names separated by `;`; `jsonl` has drinks or arrays of names.
            defaults: values for the fields that a line does not have. Exclusions add up.
            idempotency_key: a second call with the same content, defaults and key returns the
                task of the first one.
            webhook: the URL to which the service delivers the result.

        Raises:
            ApiError: the service refused the document, or the key was used for another one.
            ValueError: the defaults have ingredients.
        """
        content = document if isinstance(document, bytes) else Path(document).read_bytes()
        options = SubmitOptions(idempotency_key, webhook=webhook)
        return run_blocking(self._service.submit_document(content, file_format, defaults, options))

    def lines(self, result: Result) -> list[LineResult]:
        """Download the results of a document's lines. `result` is the result of its task."""
        return run_blocking(self._service.lines(result))
