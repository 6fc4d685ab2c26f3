"""The calls of the service's HTTP interface, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Call:
    """A request without what all have in common.

    Every one may be made again: it reads, carries an Idempotency-Key, deletes or replaces, or
    reserves room that nothing uses. `path` is below the service's URL; one of its own has a
    scheme, and is not sent the key. `wait` is how long the service may hold it, in seconds.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: int = 0


def process(body: Any, idempotency_key: str, wait: int = 0) -> Call:
    """Submit drinks or a document; where `wait` is given, be answered with the results."""
    headers = {"Idempotency-Key": idempotency_key}
    if wait:
        headers["Prefer"] = f"wait={wait}"
    return Call("POST", "api/process", json=body, headers=headers, wait=wait)


def result(task_id: str, wait: int) -> Call:
    """Fetch how a task ended."""
    params = {"wait": str(wait)} if wait else {}
    return Call("GET", f"api/result/{_part(task_id)}", params=params, wait=wait)


def status(task_id: str) -> Call:
    """Ask where a task stands."""
    return Call("GET", f"api/status/{_part(task_id)}")


def cancel(task_id: str) -> Call:
    """Cancel a task."""
    return Call("DELETE", f"api/task/{_part(task_id)}")


def ingredients(part: str, limit: int | None) -> Call:
    """List the ingredients whose names have that part."""
    params = {"q": part} | ({} if limit is None else {"limit": str(limit)})
    return Call("GET", "api/ingredients", params=params)


def queue() -> Call:
    """Ask how busy the queues are."""
    return Call("GET", "api/queue")


def new_document(size: int, form: str) -> Call:
    """Reserve room for a document of so many bytes."""
    return Call("POST", "api/documents", json={"bytes": size, "format": form})


def upload(target: Mapping[str, str], content: bytes) -> Call:
    """Put a document where the service said."""
    return Call(target["method"], target["url"], content=content)


def download(url: str) -> Call:
    """Get what is at a presigned URL."""
    return Call("GET", url)


def _part(text: str) -> str:
    return quote(text, safe="")
