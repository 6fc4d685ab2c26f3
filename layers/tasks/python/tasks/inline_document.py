"""A small document, whose lines are in the request itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tasks.document_keys import content_id, upload_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasks.ports import DocumentStore


@dataclass(frozen=True, slots=True)
class InlineDocument:
    """The file that the lines of a request become, in the format `jsonl`.

    Its key follows from its content, so that a repeated request names and writes the same file.
    """

    key: str
    content: bytes

    @classmethod
    def of(cls, owner: str, lines: Iterable[Any]) -> Self:
        """Return the file of lines, each of which is a value of JSON."""
        content = b"".join(map(_encode, lines))
        document_id = content_id(hashlib.sha256(content).hexdigest())
        return cls(upload_key(owner, document_id, "jsonl"), content)

    def write(self, documents: DocumentStore) -> None:
        """Put the file.

        Raises:
            Unavailable: the store refused or did not answer; writing again is safe.
        """
        documents.write(self.key, self.content)


def _encode(line: Any) -> bytes:
    """Return a line of JSON. Half a surrogate pair, which UTF-8 cannot encode, stays an escape."""
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode(errors="backslashreplace")
