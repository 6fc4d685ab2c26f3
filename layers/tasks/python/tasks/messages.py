"""The queue message of a task."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tasks.checkpoint import CHECKPOINT_VERSION, Checkpoint
from tasks.errors import MessageUnreadable
from tasks.failure_log import trace_fields
from tasks.task import Lane

if TYPE_CHECKING:
    from tasks.task import JsonObject, Task

MESSAGE_VERSION: Final = 1
LATEST_DEADLINE: Final = 1e11  # seconds since the epoch

_FIELD_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "version": (int,),
    "task_id": (str,),
    "owner": (str,),
    "input": (dict,),
    "deadline": (int, float),
}


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """Everything a worker needs to start on a task, so that it need not read the row first.

    Attributes:
        checkpoint: how far a document has been processed; None if it has not been started.
        traceparent: the caller's position in a trace (W3C Trace Context), or None.
    """

    task_id: str
    owner: str
    input: JsonObject
    deadline: float
    lane: Lane = Lane.INTERACTIVE
    checkpoint: Checkpoint | None = None
    traceparent: str | None = None

    @classmethod
    def of(cls, task: Task) -> TaskMessage:
        """Return the message of a task."""
        return cls(
            task.task_id,
            task.owner,
            task.input,
            task.deadline,
            task.lane,
            traceparent=task.traceparent,
        )

    @property
    def trace_fields(self) -> dict[str, str]:
        """The fields of a log line about the task."""
        return trace_fields(self.task_id, self.traceparent)

    def encode(self) -> str:
        """Return the message as compact JSON."""
        body: JsonObject = {
            "version": MESSAGE_VERSION,
            "task_id": self.task_id,
            "owner": self.owner,
            "input": self.input,
            "deadline": self.deadline,
            "lane": self.lane,
        }
        if self.checkpoint is not None:
            body["progress"] = self.checkpoint.to_json()
        if self.traceparent is not None:
            body["traceparent"] = self.traceparent
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> TaskMessage:
        """Read a message from its JSON.

        Raises:
            MessageUnreadable: the text is not a message of a known version.
        """
        body = parse(text)
        if not isinstance(body, dict):
            raise MessageUnreadable("The body is not a JSON object.")
        for name, types in _FIELD_TYPES.items():
            if not isinstance(body.get(name), types) or isinstance(body[name], bool):
                raise MessageUnreadable(f"The field {name} is missing or has the wrong type.")
        if body["version"] != MESSAGE_VERSION:
            raise MessageUnreadable(f"The message does not have version {MESSAGE_VERSION}.")
        if not 0 <= body["deadline"] <= LATEST_DEADLINE:
            raise MessageUnreadable("The deadline is not a time.")
        return cls(
            body["task_id"],
            body["owner"],
            body["input"],
            float(body["deadline"]),
            _lane_of(body),
            _checkpoint_of(body),
            _traceparent_of(body),
        )


def parse(text: str) -> Any:
    """Return the value of a JSON text: no NaN, no infinity, and strings that are valid Unicode.

    Raises:
        MessageUnreadable: the text is not such JSON.
    """
    try:
        body = json.loads(text, parse_constant=_refuse)
        if "\\u" in text:  # an escape can be half of a character, which no log can write
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MessageUnreadable("The body is not JSON.") from error
    return body


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _lane_of(body: dict[str, Any]) -> Lane:
    # Messages had no lane before version 0.2; see "Old formats" in CONTRIBUTING.md.
    fallback = Lane.DOCUMENT if "document" in body["input"] else Lane.INTERACTIVE
    try:
        return Lane(body.get("lane", fallback))
    except ValueError as error:
        raise MessageUnreadable("The message is in an unknown lane.") from error


def _traceparent_of(body: dict[str, Any]) -> str | None:
    found = body.get("traceparent")
    if found is not None and not isinstance(found, str):
        raise MessageUnreadable("The field traceparent has the wrong type.")
    return found


def _checkpoint_of(body: dict[str, Any]) -> Checkpoint | None:
    # Version 0.1 wrote it into the input, without a version; see "Old formats" in CONTRIBUTING.md.
    if "progress" in body["input"]:
        old = body["input"].pop("progress")
        added = {"version": CHECKPOINT_VERSION, "etag": ""}
        body["progress"] = added | old if isinstance(old, dict) else old
    return Checkpoint.from_json(body["progress"]) if "progress" in body else None
