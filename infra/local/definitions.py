"""The functions of the template and their event sources, with all values resolved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventSourceMapping:
    """The event source of a function in the template. Times are in seconds."""

    queue_arn: str
    batch_size: int
    batching_window: float
    reports_failures: bool

    @property
    def queue_name(self) -> str:
        """The name of the queue."""
        return self.queue_arn.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template. The timeout is in seconds."""

    name: str
    handler: str
    timeout: float
    environment: dict[str, str]
    event_sources: tuple[EventSourceMapping, ...]
