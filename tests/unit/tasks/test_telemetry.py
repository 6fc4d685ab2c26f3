from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from tasks.aws.telemetry import (
    CloudWatchTelemetry,
    NullTelemetry,
    create_telemetry,
    silence_botocore,
)

if TYPE_CHECKING:
    import pytest


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_metrics_are_printed_in_the_embedded_metric_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A flush prints the values since the previous flush, with their units."""
    telemetry = CloudWatchTelemetry("worker")
    telemetry.observe("QueueTime", 0.25)
    telemetry.observe("ComputeTime", 0.5)
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
    assert units == {"QueueTime": "Seconds", "ComputeTime": "Seconds", "Success": "Count"}
    assert (line["QueueTime"], line["Success"]) == ([0.25], [1.0, 1.0])


def test_nothing_is_printed_if_nothing_was_observed(capsys: pytest.CaptureFixture[str]) -> None:
    CloudWatchTelemetry("worker").flush()
    assert capsys.readouterr().out == ""


def test_metrics_are_discarded_outside_lambda(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = create_telemetry("worker", {})
    telemetry.observe("Success", 1)
    telemetry.flush()
    assert isinstance(telemetry, NullTelemetry)
    assert capsys.readouterr().out == ""


def test_the_dimension_of_metrics_is_the_powertools_service_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The variable POWERTOOLS_SERVICE_NAME is used on Lambda, if it is set."""
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "w", "POWERTOOLS_SERVICE_NAME": "bar-worker"}
    telemetry = create_telemetry("worker", environ)
    telemetry.observe("Success", 1)
    telemetry.flush()
    [metrics] = printed(capsys)
    assert (metrics["Success"], metrics["service"]) == ([1.0], "bar-worker")


def test_only_warnings_of_botocore_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "botocore")
    silence_botocore()
    logging.getLogger("botocore.credentials").info("Found credentials.")
    logging.getLogger("tasks").info("Submitted")
    logging.getLogger("botocore.credentials").warning("There are no credentials.")
    assert [line.message for line in caplog.records] == ["Submitted", "There are no credentials."]


def test_the_metrics_of_a_kind_have_a_dimension_more(capsys: pytest.CaptureFixture[str]) -> None:
    """The metrics of all kinds, which alarms watch, keep their dimensions."""
    telemetry = CloudWatchTelemetry("worker")
    telemetry.observe("Success", 3)
    telemetry.observe("Success", 2, "extract")
    telemetry.observe("Failure", 1, "extract")
    telemetry.flush()
    telemetry.observe("Success", 4)
    telemetry.flush()
    everything, extract, later = printed(capsys)
    for line in (everything, later):
        assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
        assert "kind" not in line
    assert [sorted(found) for found in extract["_aws"]["CloudWatchMetrics"][0]["Dimensions"]] == [
        ["kind", "service"]
    ]
    assert (extract["kind"], extract["service"]) == ("extract", "worker")
    assert (extract["Success"], extract["Failure"]) == ([2.0], [1.0])
    assert (everything["Success"], later["Success"]) == ([3.0], [4.0])
