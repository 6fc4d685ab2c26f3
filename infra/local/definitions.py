"""The functions of the template and their event sources, with all values resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.template import handler_of, queue_events

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from infra.local.template import JsonObject


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


def define_function(
    name: str,
    properties: JsonObject,
    environment: dict[str, str],
    queue_arn: Callable[[str, JsonObject], str],
    parameters: Mapping[str, str],
) -> Function:
    """Return a function of the template.

    Args:
        name: the logical id.
        properties: the properties in the template.
        environment: the resolved environment variables.
        queue_arn: returns the ARN of a queue, given the name and the properties of an event.
        parameters: the values of all parameters of the template.
    """
    return Function(
        name=name,
        handler=handler_of(properties),
        timeout=_number(properties["Timeout"], parameters),
        environment=environment,
        event_sources=tuple(
            EventSourceMapping(
                queue_arn=queue_arn(event_name, event),
                batch_size=_number(event["BatchSize"], parameters),
                batching_window=_number(event.get("MaximumBatchingWindowInSeconds", 0), parameters),
                reports_failures="ReportBatchItemFailures"
                in event.get("FunctionResponseTypes", ()),
            )
            for event_name, event in queue_events(properties)
        ),
    )


def _number(value: int | JsonObject, parameters: Mapping[str, str]) -> int:
    """Return a number of the template, which may be a reference to a parameter."""
    return int(parameters[value["Ref"]]) if isinstance(value, dict) else value
