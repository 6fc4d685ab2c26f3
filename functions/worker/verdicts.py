"""What becomes of a delivery, and what is measured of a batch of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.ids import submitted_at
from tasks.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.delivery import Delivery
    from tasks.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Again:
    """The verdict on a delivery that must come again, in that many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The verdict on a delivery of a document that goes on in another message, or is final."""


Verdict = Outcome | Again | HandedOver


def measure(
    telemetry: Telemetry, deliveries: Sequence[Delivery], verdicts: Sequence[Verdict]
) -> None:
    """Take the batch down: counts, its longest wait, and how long the model took for it."""
    outcomes = [verdict for verdict in verdicts if isinstance(verdict, Outcome)]
    errors = Counter(outcome.error.type for outcome in outcomes if outcome.error is not None)
    counts = {
        "BatchSize": len(deliveries),
        "Success": len(outcomes) - errors.total(),
        "Failure": errors.total(),
        "Retry": sum(isinstance(verdict, Again) for verdict in verdicts),
        **{f"Failure-{error_type}": count for error_type, count in errors.items()},
    }
    for name, count in counts.items():
        if count:
            telemetry.observe(name, count)
    # A document's time would say nothing of a batch's: it is of several invocations.
    drinks = [outcome for outcome in outcomes if outcome.work is None]
    started = [outcome.started_at for outcome in drinks if outcome.started_at is not None]
    if started:
        submitted = [submitted_at(delivery.message.task_id) for delivery in deliveries]
        oldest = min((time for time in submitted if time is not None), default=started[0])
        finished = max(outcome.finished_at for outcome in drinks)
        telemetry.observe("QueueTime", max(0.0, min(started) - oldest))
        telemetry.observe("ComputeTime", finished - min(started))
    telemetry.flush()
