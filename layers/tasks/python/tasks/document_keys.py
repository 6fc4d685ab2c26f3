"""The names of the files in the bucket. A document is a file of many drinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tasks.errors import DocumentNotFound

if TYPE_CHECKING:
    from tasks.ports import DocumentStore

Format = Literal["jsonl", "text"]

SUFFIXES: Final[dict[Format, str]] = {"jsonl": ".jsonl", "text": ".txt"}


def upload_key(owner: str, document_id: str, document_format: Format) -> str:
    """Return the key under which an owner may upload a document."""
    return f"{_uploads_of(owner)}{document_id}{SUFFIXES[document_format]}"


def result_key(owner: str, task_id: str, model: str) -> str:
    """Return the key of the file with this model version's answers to a document."""
    return f"results/{owner}/{task_id}-{model}.jsonl"


def part_key(owner: str, task_id: str, start: int, end: int) -> str:
    """Return the key of the answers to the bytes of a document between two offsets."""
    return f"parts/{owner}/{task_id}/{start}-{end}.jsonl"


def owned_key(store: DocumentStore, owner: str, uri: str) -> str:
    """Return the key of a document that an owner uploaded, given its URI.

    Raises:
        DocumentNotFound: the document is not in this store, or belongs to someone else.
    """
    key = _uploads_of(owner) + uri.rpartition("/")[2]
    if store.uri(key) != uri or not key.endswith(tuple(SUFFIXES.values())):
        raise DocumentNotFound
    return key


def format_of(key: str) -> Format:
    """Return the format of a document, according to the suffix of its key."""
    return "text" if key.endswith(SUFFIXES["text"]) else "jsonl"


def _uploads_of(owner: str) -> str:
    return f"uploads/{owner}/"
