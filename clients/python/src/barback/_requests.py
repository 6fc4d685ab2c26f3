"""The requests of the service's HTTP API."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

import httpx2

from barback._drink import Drink
from barback._headers import check_header
from barback._input import Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from barback._input import AnyInput

# The service's limits for one request with an Idempotency-Key.
MAX_DRINKS: Final = 99
MAX_BYTES: Final = 180_000

# The service's limits for one document.
MAX_LINES: Final = 100_000
MAX_DOCUMENT_BYTES: Final = 32 * 1024 * 1024
MAX_RESULT_BYTES: Final = 3_000  # of one line: 20 suggestions and a margin

SLOWEST_TRANSFER: Final = 50_000  # bytes per second; a slower one counts as no response


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request without the parts that all requests share.

    Every request is safe to repeat: it reads, deletes or replaces, carries an Idempotency-Key, or
    reserves an upload link that may stay unused.

    Args:
        path: relative to the service's URL, or an absolute URL, which does not get the API key.
        server_wait: the seconds for which the service may delay its response.
        transfer_seconds: the seconds that the transfer of a file may take.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    server_wait: int = 0
    transfer_seconds: float = 0.0

    @property
    def is_link(self) -> bool:
        """Whether the request is for a link of the service, whose signature replaces the key."""
        return "://" in self.path


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """The options of a submission; without an idempotency key, it gets a new one.

    Raises:
        ValueError: a header cannot carry the key.
    """

    idempotency_key: str = ""
    ignore_unknown: bool = False
    webhook: str = ""

    def __post_init__(self) -> None:
        check_header("idempotency key", self.idempotency_key)
        if not self.idempotency_key:
            object.__setattr__(self, "idempotency_key", str(uuid.uuid4()))

    def of_request(self, number: int) -> SubmitOptions:
        """Return the options of one request of several, counted from 0; each has its own key."""
        key = f"{self.idempotency_key}.{number}" if number else self.idempotency_key
        return replace(self, idempotency_key=key)


def batches(
    drinks: AnyInput | Iterable[AnyInput], max_drinks: int = MAX_DRINKS, max_bytes: int = MAX_BYTES
) -> Iterator[list[Mapping[str, Any]]]:
    """Yield inputs as JSON objects in order, as many at a time as one request may carry."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for drink in (drinks,) if isinstance(drinks, Drink | Input) else drinks:
        entry = drink.to_json()
        length = len(json.dumps(entry, ensure_ascii=False).encode()) + 1  # and a separator
        if batch and (len(batch) == max_drinks or size + length > max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


def submit_request(body: Any, options: SubmitOptions, server_wait: int = 0) -> ApiRequest:
    """Submit drinks or a document, and wait up to `server_wait` seconds for the results."""
    headers = {"Idempotency-Key": options.idempotency_key}
    if server_wait:
        headers["Prefer"] = f"wait={server_wait}"
    params = {"ignore_unknown": "true"} if options.ignore_unknown else {}
    if options.webhook:
        params["webhook"] = options.webhook
    return ApiRequest(
        "POST", "api/process", json=body, headers=headers, params=params, server_wait=server_wait
    )


def result_request(task_id: str, server_wait: int) -> ApiRequest:
    """Fetch the result of a task."""
    params = {"wait": str(server_wait)} if server_wait else {}
    return ApiRequest(
        "GET", f"api/result/{_segment(task_id)}", params=params, server_wait=server_wait
    )


def status_request(task_id: str) -> ApiRequest:
    """Fetch the status of a task."""
    return ApiRequest("GET", f"api/status/{_segment(task_id)}")


def cancel_request(task_id: str) -> ApiRequest:
    """Cancel a task."""
    return ApiRequest("DELETE", f"api/task/{_segment(task_id)}")


def retry_request(task_id: str) -> ApiRequest:
    """Submit a task that failed or was cancelled again; a repetition returns the same new task."""
    return ApiRequest("POST", f"api/task/{_segment(task_id)}/retry")


def batch_request(batch_id: str, server_wait: int) -> ApiRequest:
    """Fetch the results of a batch."""
    params = {"wait": str(server_wait)} if server_wait else {}
    return ApiRequest(
        "GET", f"api/batches/{_segment(batch_id)}", params=params, server_wait=server_wait
    )


def cancel_batch_request(batch_id: str) -> ApiRequest:
    """Cancel what is left of a batch."""
    return ApiRequest("DELETE", f"api/batches/{_segment(batch_id)}")


def task_list_request(filters: Mapping[str, str], limit: int, cursor: str) -> ApiRequest:
    """Fetch a page of the list of tasks."""
    params = {**filters, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    return ApiRequest("GET", "api/tasks", params=params)


def secrets_request(method: Literal["GET", "POST"]) -> ApiRequest:
    """Fetch the secrets of webhooks, or replace the newest; a second replacement does no harm."""
    return ApiRequest(method, "api/webhooks/secret")


def deliveries_request(task_id: str) -> ApiRequest:
    """Fetch the attempts to deliver the result of a task."""
    return ApiRequest("GET", f"api/task/{_segment(task_id)}/deliveries")


def redeliver_request(task_id: str) -> ApiRequest:
    """Start the delivery of a task again."""
    return ApiRequest("POST", f"api/task/{_segment(task_id)}/redeliver")


def ingredients_request(part: str, limit: int | None) -> ApiRequest:
    """List the ingredients whose names contain `part`."""
    params = {"q": part} | ({} if limit is None else {"limit": str(limit)})
    return ApiRequest("GET", "api/ingredients", params=params)


def groups_request() -> ApiRequest:
    """List the groups that a drink can exclude."""
    return ApiRequest("GET", "api/groups")


def queue_request() -> ApiRequest:
    """Fetch the load of the queues."""
    return ApiRequest("GET", "api/queue")


def new_document_request(content: bytes, file_format: str) -> ApiRequest:
    """Get an upload link for a document. The digest gives the same content the same name."""
    digest = hashlib.sha256(content).hexdigest()
    body = {"bytes": len(content), "format": file_format, "sha256": digest}
    return ApiRequest("POST", "api/documents", json=body)


def upload_request(target: Mapping[str, Any], content: bytes) -> ApiRequest:
    """Upload a document to its link.

    Raises:
        KeyError, TypeError, httpx2.InvalidURL: the link is not valid.
    """
    httpx2.URL(target["url"])
    return ApiRequest(
        target["method"],
        target["url"],
        content=content,
        headers=target.get("headers", {}),
        transfer_seconds=len(content) / SLOWEST_TRANSFER,
    )


def download_request(url: str, lines: int) -> ApiRequest:
    """Download the results of a document with this number of lines from a presigned URL."""
    return ApiRequest("GET", url, transfer_seconds=lines * MAX_RESULT_BYTES / SLOWEST_TRANSFER)


def _segment(text: str) -> str:
    return quote(text, safe="")
