from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tasks.aws.telemetry import CloudWatchTelemetry, NullTelemetry, create_telemetry

if TYPE_CHECKING:
    import pytest


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_are_in_the_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    """Each flush prints the values since the last one, with unit, namespace and dimension."""
    telemetry = CloudWatchTelemetry("worker")
    telemetry.observe("QueueTime", 0.25)
    telemetry.observe("Success", 1)
    telemetry.observe("Success", 1)
    telemetry.flush()
    telemetry.flush()
    [line] = printed(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Barback"
    assert directive["Dimensions"] == [["service"]]
    assert line["service"] == "worker"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {"QueueTime": "Seconds", "Success": "Count"}
    assert (line["QueueTime"], line["Success"]) == ([0.25], [1.0, 1.0])


def test_metrics_are_discarded_outside_lambda(capsys: pytest.CaptureFixture[str]) -> None:
    """A function on another host prints nothing."""
    telemetry = create_telemetry("worker", {})
    telemetry.observe("Success", 1)
    telemetry.flush()
    assert isinstance(telemetry, NullTelemetry)
    assert capsys.readouterr().out == ""


def test_metrics_name_the_stack_on_lambda(capsys: pytest.CaptureFixture[str]) -> None:
    """POWERTOOLS_SERVICE_NAME is the dimension, if it is set."""
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "w", "POWERTOOLS_SERVICE_NAME": "bar-worker"}
    telemetry = create_telemetry("worker", environ)
    telemetry.observe("Success", 1)
    telemetry.flush()
    [metrics] = printed(capsys)
    assert (metrics["Success"], metrics["service"]) == ([1.0], "bar-worker")
