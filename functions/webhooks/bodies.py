"""The bodies of deliveries: the JSON of results, as the API returns it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from presentation.results import url_result
from tasks.batch_ids import task_ids_of
from tasks.errors import BatchNotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from presentation.results import ResultPresenter
    from tasks.ports import TaskStore
    from tasks.webhooks.delivery import WebhookDelivery

MAX_BODY: Final = 128 * 1024  # bytes; a larger body is replaced by its URL


@dataclass(frozen=True, slots=True)
class ResultBodies:
    """Reads the rows when a body is sent, so that it has the result as it is then.

    Attributes:
        store: the tasks.
        clock: returns the time in seconds since the epoch.
        presenter: presents the tasks, with English names.
    """

    store: TaskStore
    clock: Callable[[], float]
    presenter: ResultPresenter

    def body_of(self, delivery: WebhookDelivery) -> bytes | None:
        """Return the JSON of a result or a batch, or of its URL if that is too large."""
        content = self._batch(delivery.batch_id) if delivery.batch_id else self._task(delivery)
        if content is None:
            return None
        body = _encode(content)
        return body if len(body) <= MAX_BODY else _encode(_link(content))

    def _task(self, delivery: WebhookDelivery) -> dict[str, Any] | None:
        task = self.store.get(delivery.delivery_id)
        return None if task is None else self.presenter.result(task, "en")

    def _batch(self, batch_id: str) -> dict[str, Any] | None:
        try:
            ids = task_ids_of(batch_id, self.store, self.clock())
        except BatchNotFound:
            return None
        found = self.store.get_many(ids)
        tasks = [found[task_id] for task_id in ids if task_id in found]
        return self.presenter.batch(batch_id, tasks, "en") if tasks else None


def _link(content: dict[str, Any]) -> dict[str, Any]:
    """Return the members that identify a result or a batch, and the path at which to get it."""
    if "batch_id" in content:
        path = f"/api/batches/{content['batch_id']}"
        return {"batch_id": content["batch_id"], "counts": content["counts"], "url_result": path}
    task_id = content["task_id"]
    return {"task_id": task_id, "status": content["status"], "url_result": url_result(task_id)}


def _encode(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
