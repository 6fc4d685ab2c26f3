"""The metrics of a batch, and the usage that a task is charged with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.worker.dispositions import Commit, Retry
from tasks.ids import submitted_at
from tasks.task import Outcome, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from functions.worker.dispositions import Disposition
    from tasks.aws.events import Delivery
    from tasks.messages import TaskMessage
    from tasks.ports import Telemetry
    from tasks.task import JsonObject

    KindsOf = Callable[[TaskMessage], Sequence[str]]


@dataclass(frozen=True, slots=True)
class UsageMeter:
    """Computes usage.

    Attributes:
        engine: the name of the engine that runs the network.
        gigabytes: the memory of the function, which Lambda bills by the second.
    """

    engine: str
    gigabytes: float

    def usage(self, seconds: float, batch_size: int = 1) -> Usage:
        """Return the equal share of one task in a batch that took that many seconds.

        A clock that was set back makes them negative, and then the usage is 0.
        """
        share = self.gigabytes * max(0.0, seconds) / batch_size
        return Usage(batch_size, self.engine, round(share, 6))


def record_batch(
    telemetry: Telemetry,
    deliveries: Sequence[Delivery],
    dispositions: Sequence[Disposition],
    commits: Sequence[Commit],
    kinds_of: KindsOf,
) -> None:
    """Emit the counts of a batch, its longest time in the queue, and its time in the model.

    An outcome counts only if it was written, so each task is counted once. The errors by type
    include those of single kinds in tasks that succeeded.
    """
    outcomes = [found for found in dispositions if isinstance(found, Outcome)]
    written = [
        (delivery.message, found)
        for delivery, found, commit in zip(deliveries, dispositions, commits, strict=True)
        if isinstance(found, Outcome) and commit is Commit.WRITTEN
    ]
    failed = sum(outcome.error is not None for _, outcome in written)
    errors = Counter(error for _, outcome in written for error in _errors(outcome))
    counts = {
        "BatchSize": len(deliveries),
        "Success": len(written) - failed,
        "Failure": failed,
        "Retry": sum(isinstance(found, Retry) for found in dispositions),
        **{f"Failure-{error_type}": count for error_type, count in errors.items()},
    }
    for name, count in counts.items():
        if count:
            telemetry.observe(name, count)
    answers = Counter(
        ("Failure" if has_failed else "Success", kind)
        for message, outcome in written
        for kind, has_failed in _kinds(outcome, kinds_of(message)).items()
    )
    for (name, kind), count in answers.items():
        telemetry.observe(name, count, kind)
    _record_times(telemetry, deliveries, outcomes)
    telemetry.flush()


def _parts(outcome: Outcome) -> Mapping[str, JsonObject]:
    parts: Mapping[str, JsonObject] = (outcome.result or {}).get("parts", {})
    return parts


def _errors(outcome: Outcome) -> list[str]:
    """Return the type of the error of a task, or the types of the errors in its parts."""
    if outcome.error is not None:
        return [outcome.error.type]
    return [part["error"]["type"] for part in _parts(outcome).values() if "error" in part]


def _kinds(outcome: Outcome, kinds: Sequence[str]) -> dict[str, bool]:
    """Return whether each kind has failed."""
    parts = _parts(outcome)
    return {kind: outcome.error is not None or "error" in parts.get(kind, {}) for kind in kinds}


def _record_times(
    telemetry: Telemetry, deliveries: Sequence[Delivery], outcomes: Sequence[Outcome]
) -> None:
    # Only documents have a usage by now. Their time spans several invocations.
    drinks = [outcome for outcome in outcomes if outcome.usage is None]
    started = [outcome.started_at for outcome in drinks if outcome.started_at is not None]
    if not started:
        return
    submitted = [submitted_at(delivery.message.task_id) for delivery in deliveries]
    oldest = min((time for time in submitted if time is not None), default=started[0])
    finished = max(outcome.finished_at for outcome in drinks)
    telemetry.observe("QueueTime", max(0.0, min(started) - oldest))
    telemetry.observe("ComputeTime", max(0.0, finished - min(started)))
