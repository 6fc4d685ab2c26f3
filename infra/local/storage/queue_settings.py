"""The settings of the queues in template.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.local.template import resources_of

if TYPE_CHECKING:
    from infra.local.template import JsonObject

QUEUE: Final = "AWS::SQS::Queue"
DEFAULT_VISIBILITY_TIMEOUT: Final = 30  # seconds; SQS's defaults
DEFAULT_RETENTION: Final = 4 * 86_400


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The settings of a queue. Times are in seconds.

    Attributes:
        visibility_timeout: how long a received message is hidden from other receivers.
        max_receives: how often a message is received before it moves to the dead-letter queue;
            None for any number.
        dead_letter_queue: the name of that queue.
        retention: how long a message is kept after it was sent.
    """

    visibility_timeout: float = DEFAULT_VISIBILITY_TIMEOUT
    max_receives: int | None = None
    dead_letter_queue: str | None = None
    retention: float = DEFAULT_RETENTION


def queue_settings(template: JsonObject) -> dict[str, QueueSettings]:
    """Return the settings of the template's queues by logical id, which is the queue's name."""
    return {
        name: _settings_of(resource.get("Properties", {}))
        for name, resource in resources_of(template, QUEUE).items()
    }


def _settings_of(properties: JsonObject) -> QueueSettings:
    redrive = properties.get("RedrivePolicy")
    return QueueSettings(
        visibility_timeout=properties.get("VisibilityTimeout", DEFAULT_VISIBILITY_TIMEOUT),
        max_receives=redrive["maxReceiveCount"] if redrive else None,
        dead_letter_queue=redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] if redrive else None,
        retention=properties.get("MessageRetentionPeriod", DEFAULT_RETENTION),
    )
