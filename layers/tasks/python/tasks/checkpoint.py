"""How far a document has been processed, for the invocation that continues it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from tasks.errors import MessageUnreadable
from tasks.task import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKPOINT_VERSION: Final = 1
MOST: Final = 1e11  # a time in seconds, or a size in bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a document between two batches. The continuing message contains it.

    Attributes:
        started_at: when the first invocation began, in seconds since the epoch.
        seconds: the time that all earlier invocations took.
        offset: the number of bytes read.
        line: the number of the last line read.
        answered: the number of lines with an answer.
        failed: the number of lines with an error.
        ends: the offsets at which earlier invocations stopped; each wrote a part up to its offset.
        is_read: whether the whole document has been read.
        etag: names the version of the file that is read; empty if version 0.1 began.
    """

    started_at: float
    seconds: float = 0.0
    offset: int = 0
    line: int = 0
    answered: int = 0
    failed: int = 0
    ends: Sequence[int] = ()
    is_read: bool = False
    etag: str = ""

    @property
    def hand_overs(self) -> int:
        """The number of hand-overs so far: each ended at a later offset."""
        return len(self.ends)

    def progress(self, size: int) -> Progress:
        """Return the progress that the owner sees, given the size of the file in bytes."""
        return Progress(
            fraction=min(1.0, self.offset / size) if size else 1.0,
            lines=self.answered + self.failed,
            answered=self.answered,
            failed=self.failed,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the checkpoint as a JSON object with its version."""
        return {"version": CHECKPOINT_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, members: Any) -> Checkpoint:
        """Read a checkpoint from the output of `to_json`.

        Raises:
            MessageUnreadable: the checkpoint has another version, or is damaged.
        """
        if not isinstance(members, dict) or members.get("version") != CHECKPOINT_VERSION:
            raise MessageUnreadable(f"The progress does not have version {CHECKPOINT_VERSION}.")
        values = {name: value for name, value in members.items() if name != "version"}
        if values.keys() != {field.name for field in fields(cls)} or not _are_valid(values):
            raise MessageUnreadable("A field of the progress is missing, unknown or wrong.")
        return cls(**values | {"ends": tuple(values["ends"])})


def _are_valid(values: dict[str, Any]) -> bool:
    """Whether the values of all fields have their types, and no number is negative or absurd."""
    ends = values["ends"]
    types = (type(ends), type(values["is_read"]), type(values["etag"]))
    if types != (list, bool, str):
        return False
    counts = [*ends, *(values[name] for name in ("offset", "line", "answered", "failed"))]
    times = [values["started_at"], values["seconds"]]
    has_types = all(type(value) is int for value in counts) and all(
        type(value) in (int, float) for value in times
    )
    return has_types and all(0 <= value <= MOST for value in (*counts, *times))
