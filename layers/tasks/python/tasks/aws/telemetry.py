"""Logs and metrics in CloudWatch."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.ports import Telemetry

NAMESPACE: Final = "Barback"
IN_SECONDS: Final = frozenset({"QueueTime", "ComputeTime"})  # all other metrics are counts


class NullTelemetry:
    """Telemetry that discards everything."""

    def observe(self, name: str, value: float, kind: str = "") -> None:
        """Discard the value."""

    def flush(self) -> None:
        """Do nothing."""


class CloudWatchTelemetry:
    """Metrics in CloudWatch's embedded metric format, printed to the standard output.

    The metrics of a kind have a dimension more, so they are metrics of their own for CloudWatch.
    """

    def __init__(self, service: str) -> None:
        # Powertools is imported here because only Lambda needs it.
        from aws_lambda_powertools.metrics import EphemeralMetrics  # noqa: PLC0415

        self._new = partial(EphemeralMetrics, namespace=NAMESPACE, service=service)
        self._metrics: dict[str, EphemeralMetrics] = {}  # by kind

    def observe(self, name: str, value: float, kind: str = "") -> None:
        """Record a value of a metric."""
        if kind not in self._metrics:
            self._metrics[kind] = self._new()
            if kind:
                self._metrics[kind].add_dimension("kind", kind)
        unit = "Seconds" if name in IN_SECONDS else "Count"
        self._metrics[kind].add_metric(name=name, unit=unit, value=value)

    def flush(self) -> None:
        """Print the recorded metrics, if there are any."""
        for metrics in self._metrics.values():
            metrics.flush_metrics()
        self._metrics.clear()


def create_telemetry(service: str, environ: Mapping[str, str]) -> Telemetry:
    """Return the metrics of a function: in CloudWatch on Lambda, discarded elsewhere.

    POWERTOOLS_SERVICE_NAME distinguishes the functions of different stacks.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" not in environ:
        return NullTelemetry()
    return CloudWatchTelemetry(environ.get("POWERTOOLS_SERVICE_NAME") or service)


def silence_botocore() -> None:
    """Log only warnings of botocore: at INFO it logs where it found the credentials."""
    logging.getLogger("botocore").setLevel(logging.WARNING)
