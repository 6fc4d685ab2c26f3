from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tasks.telemetry import CloudWatch, Silence, log_as_json, telemetry_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Lend the root logger and give it back as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    logger.handlers.clear()
    yield logger
    logger.handlers[:], logger.level = handlers, level


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_log_line_is_a_json_object(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the service, the level, the message and whatever was given as extra."""
    log_as_json("worker")
    root.info("Finished: %s", "SUCCESS", extra={"task_id": "t1"})
    [line] = printed(capsys)
    assert (line["level"], line["message"]) == ("INFO", "Finished: SUCCESS")
    assert (line["service"], line["task_id"]) == ("worker", "t1")


def test_metrics_are_in_the_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    """Each flush prints the values since the last one, with unit, namespace and dimension."""
    telemetry = CloudWatch("worker")
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


def test_nothing_is_printed_where_nobody_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Outside Lambda a function is silent, and its host's logging is left alone."""
    telemetry = telemetry_of("worker", {})
    telemetry.observe("Success", 1)
    telemetry.flush()
    assert isinstance(telemetry, Silence)
    assert capsys.readouterr().out == ""


def test_lambda_gets_both(root: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """On Lambda logs and metrics are JSON, and say of which stack they are."""
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "w", "POWERTOOLS_SERVICE_NAME": "bar-worker"}
    telemetry = telemetry_of("worker", environ)
    telemetry.observe("Success", 1)
    telemetry.flush()
    root.warning("Beware")
    metrics, line = printed(capsys)
    assert (metrics["Success"], metrics["service"]) == ([1.0], "bar-worker")
    assert (line["message"], line["service"]) == ("Beware", "bar-worker")
