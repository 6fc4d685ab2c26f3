"""When the alarms on metric math are raised: their expressions, computed for given metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.local.template import read_template

ROOT = Path(__file__).parents[2]
TEMPLATES = [read_template(), read_template(ROOT / "infra/alarms.yaml")]
QUEUES = ("TaskQueueStuck", "BulkQueueStuck", "DocumentQueueStuck", "WebhookQueueStuck")


def is_raised(name: str, **metrics: float | None) -> bool:
    """Compute an alarm for one period; None is a metric without data.

    An expression of CloudWatch is one of Python, given the functions.
    """
    [resource] = [found["Resources"][name] for found in TEMPLATES if name in found["Resources"]]
    alarm = resource["Properties"]
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    assert {key for key, query in queries.items() if "MetricStat" in query} == metrics.keys()
    values: dict[str, Any] = {
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
        "FILL": lambda value, default: default if value is None else value,
        **metrics,
    }
    for key, query in reversed(queries.items()):
        if "Expression" in query:
            values[key] = eval(query["Expression"], values)
    [shown] = [key for key, query in queries.items() if query.get("ReturnData", True)]
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    return bool(values[shown] > alarm["Threshold"])


@pytest.mark.parametrize("name", QUEUES)
@pytest.mark.parametrize(
    ("received", "deleted", "expected"),
    [(3, None, True), (10, 4, True), (10, 5, False), (10, 10, False), (2, None, False)],
)
def test_a_queue_is_stuck_if_most_receives_finish_nothing(
    name: str, received: float, deleted: float | None, *, expected: bool
) -> None:
    """At least three of them: one message that is retried once is no reason."""
    assert is_raised(name, received=received, deleted=deleted) is expected


def test_a_receiver_that_answers_in_the_next_period_does_not_raise_the_alarm_of_webhooks() -> None:
    assert TEMPLATES[1]["Resources"]["WebhookQueueStuck"]["Properties"]["EvaluationPeriods"] == 2


@pytest.mark.parametrize(
    ("unanswered", "exceeded", "succeeded", "expected"),
    [
        (5, None, None, True),
        (None, 5, None, True),
        (2, 2, None, False),
        (3, 3, 94, True),
        (3, 2, 95, False),
        (None, None, 100, False),
    ],
)
def test_more_than_a_twentieth_of_failed_tasks_raises_an_alarm(
    unanswered: float | None,
    exceeded: float | None,
    succeeded: float | None,
    *,
    expected: bool,
) -> None:
    """At least five of them in a minute."""
    found = is_raised("FailedTasks", unanswered=unanswered, exceeded=exceeded, succeeded=succeeded)
    assert found is expected
