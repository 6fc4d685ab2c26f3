"""`make deploy` in an account with few concurrent executions."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.account import Target
from infra.deploy.errors import DeployError
from infra.deploy.quota import CONCURRENCY, QUEUES, RULES, WAIT, adjust, fit, unreserved_executions
from infra.deploy.stack import Stack
from infra.deploy.stages import Stage
from infra.local.template import queue_events, read_template, resources_of

PARAMETERS = read_template()["Parameters"]
DEFAULTS = {name: int(PARAMETERS[name]["Default"]) for name in RULES}
TARGET = Target(Stage("dev", "barback-dev", ("Stage=dev",)), "eu-west-1", "123456789012")


def stack(**parameters: object) -> Stack:
    return Stack("UPDATE_COMPLETE", {name: str(value) for name, value in parameters.items()})


class Lambda:
    """Answers a call with the settings of the account, or with an error."""

    def __init__(self, answer: int | str) -> None:
        self.answer = answer

    def get_account_settings(self) -> Any:
        if isinstance(self.answer, str):
            raise ClientError({"Error": {"Code": self.answer}}, "GetAccountSettings")
        limit = {
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": self.answer,
        }
        return {"AccountLimit": limit}


@pytest.mark.parametrize(
    ("executions", "concurrency", "wait"),
    [(10, 2, 2), (20, 2, 4), (24, 3, 4), (79, 9, 15), (80, 10, 16), (99, 10, 19), (100, 10, 20)],
)
def test_the_values_fit_the_unreserved_executions(
    executions: int, concurrency: int, wait: int
) -> None:
    assert fit(executions, CONCURRENCY, 10) == concurrency
    assert fit(executions, WAIT, 20) == wait


def test_the_workers_of_all_queues_get_at_most_half() -> None:
    """With fewer than 16 executions, Lambda's smallest value is more than that."""
    for executions in range(16, 1001):
        assert 2 * QUEUES * fit(executions, CONCURRENCY, DEFAULTS[CONCURRENCY]) <= executions


@pytest.mark.parametrize("executions", [0, 1, 5, 10, 50, 99, 100, 1000, 10_000])
@pytest.mark.parametrize("name", RULES)
def test_the_template_accepts_every_value(name: str, executions: int) -> None:
    value = fit(executions, name, DEFAULTS[name])
    assert PARAMETERS[name]["MinValue"] <= value <= PARAMETERS[name]["MaxValue"]


def test_the_parameter_limits_as_many_queues_as_the_rule_assumes() -> None:
    limited = [
        event
        for function in resources_of(read_template(), "AWS::Serverless::Function").values()
        for _, event in queue_events(function["Properties"])
        if event.get("ScalingConfig", {}).get("MaximumConcurrency") == {"Ref": CONCURRENCY}
    ]
    assert len(limited) == QUEUES


def test_a_small_quota_lowers_both_parameters_and_explains_why() -> None:
    found = adjust(10, DEFAULTS, None, TARGET)
    assert found.arguments == ["MaximumConcurrency=2", "LongestWaitSeconds=2"]
    assert "this account has 10 concurrent executions" in found.explanation
    assert "MaximumConcurrency=2 (instead of 10)" in found.explanation
    assert "LongestWaitSeconds=2 (instead of 20)" in found.explanation
    assert "aws service-quotas request-service-quota-increase" in found.explanation
    assert "--region eu-west-1" in found.explanation


def test_with_the_usual_quota_nothing_is_passed_or_printed() -> None:
    for existing in (None, stack(**DEFAULTS), stack()):
        found = adjust(1000, DEFAULTS, existing, TARGET)
        assert (found.arguments, found.explanation) == ([], "")


def test_after_the_quota_was_raised_the_defaults_return() -> None:
    """CloudFormation would keep the lower values."""
    lowered = stack(MaximumConcurrency=2, LongestWaitSeconds=2)
    found = adjust(1000, DEFAULTS, lowered, TARGET)
    assert found.arguments == ["MaximumConcurrency=10", "LongestWaitSeconds=20"]
    assert "MaximumConcurrency from 2 to 10" in found.explanation


def test_a_quota_that_was_raised_a_little_returns_one_of_them() -> None:
    lowered = stack(MaximumConcurrency=2, LongestWaitSeconds=2)
    found = adjust(80, DEFAULTS, lowered, TARGET)
    assert found.arguments == ["MaximumConcurrency=10", "LongestWaitSeconds=16"]
    assert "MaximumConcurrency=" not in found.explanation


@pytest.mark.parametrize("executions", [10, 1000])
def test_a_value_in_samconfig_is_left_alone(executions: int) -> None:
    stage = Stage("dev", "barback-dev", ("MaximumConcurrency=5",))
    target = Target(stage, "eu-west-1", "123456789012")
    existing = stack(MaximumConcurrency=7, LongestWaitSeconds=20)
    found = adjust(executions, DEFAULTS, existing, target)
    assert CONCURRENCY not in found.parameters
    assert "MaximumConcurrency=" not in found.explanation


def test_executions_that_functions_reserve_do_not_count() -> None:
    assert unreserved_executions(Lambda(40)) == 40


def test_a_quota_that_may_not_be_read_changes_nothing() -> None:
    """The deployment goes on, with a sentence."""
    assert unreserved_executions(Lambda("AccessDeniedException")) is None
    found = adjust(None, DEFAULTS, stack(MaximumConcurrency=2), TARGET)
    assert found.arguments == []
    assert "do not permit lambda:GetAccountSettings" in found.explanation


def test_a_quota_that_cannot_be_read_now_stops_the_deployment() -> None:
    with pytest.raises(DeployError, match=r"TooManyRequestsException\)\. Try again in a minute"):
        unreserved_executions(Lambda("TooManyRequestsException"))
