"""Logs and metrics as CloudWatch reads them: lines of JSON on the standard output.

Powertools is imported only where there is a CloudWatch to read them, and on first use.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "Barback"
SECONDS: Final = frozenset({"QueueTime", "ComputeTime"})


class Telemetry(Protocol):
    """Where a function's measurements go."""

    def observe(self, name: str, value: float) -> None:
        """Take down a value: seconds for what `SECONDS` names, a count otherwise."""

    def flush(self) -> None:
        """Hand on what was taken down since the last flush."""


class Silence:
    """Telemetry that nobody reads."""

    def observe(self, name: str, value: float) -> None:
        """Forget the value."""

    def flush(self) -> None:
        """Do nothing."""


class CloudWatch:
    """Metrics in CloudWatch's embedded format, with the function's service as their dimension."""

    def __init__(self, service: str) -> None:
        from aws_lambda_powertools.metrics import Metrics  # noqa: PLC0415 - not for every host

        self._metrics = Metrics(namespace=NAMESPACE, service=service)
        self._is_empty = True

    def observe(self, name: str, value: float) -> None:
        """Add a value to the metric of that name."""
        unit = "Seconds" if name in SECONDS else "Count"
        self._metrics.add_metric(name=name, unit=unit, value=value)
        self._is_empty = False

    def flush(self) -> None:
        """Print the metrics, if there are any."""
        if not self._is_empty:
            self._metrics.flush_metrics()
            self._is_empty = True


def telemetry_of(service: str, environ: Mapping[str, str]) -> Telemetry:
    """Set up logs and metrics for a function: as JSON on Lambda, as they are elsewhere.

    POWERTOOLS_SERVICE_NAME tells the functions of one stack from those of another.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" not in environ:
        return Silence()
    service = environ.get("POWERTOOLS_SERVICE_NAME") or service
    log_as_json(service)
    return CloudWatch(service)


def log_as_json(service: str) -> None:
    """Make every log line a JSON object that has the fields given as `extra`."""
    from aws_lambda_powertools.logging.formatter import (  # noqa: PLC0415 - not for every host
        LambdaPowertoolsFormatter,
    )

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LambdaPowertoolsFormatter(service=service))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells where credentials are from
