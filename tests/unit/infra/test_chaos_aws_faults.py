"""Tests of the injected AWS faults: botocore sees what it would see from AWS or the network."""

from __future__ import annotations

import io
from contextlib import suppress
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from infra.chaos.counters import Counters, Metric
from infra.chaos.emulated.aws_faults import RATES, REPEAT_RATE, FaultInjector
from tasks.aws.client import translate_errors
from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


ATTEMPTS = 10_000
REQUEST = AWSPreparedRequest("POST", "http://aws", HTTPHeaders(), b"", stream_output=False)


def new_counters() -> Counters:
    return Counters([0] * len(Metric))


class Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


class FakeAws:
    """DynamoDB behind the fault injector; it counts the requests that reach it."""

    def __init__(self, rates: dict[Metric, float], attempts: int = 1) -> None:
        self.writes = 0
        self.counters = new_counters()
        self.injector = FaultInjector(Random(1), self.counters, self.answer, rates)
        session: Any = botocore.session.Session()
        session.register("before-send", lambda **sent: self.injector(**sent) or self.answer(**sent))
        config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
        self.client: Any = boto3.Session(
            "local", "local", region_name="us-east-1", botocore_session=session
        ).client("dynamodb", config=config)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        self.writes += 1
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(b"{}"))

    def write(self) -> None:
        self.client.put_item(TableName="rows", Item={"key": {"S": "a"}})


@pytest.mark.parametrize(
    ("fault", "error", "writes"),
    [
        (Metric.CALLS_THROTTLED, ClientError, 0),
        (Metric.CALLS_FAILED, ClientError, 0),
        (Metric.CALLS_TIMED_OUT, ReadTimeoutError, 0),
        (Metric.RESPONSES_LOST, ConnectionClosedError, 1),
    ],
)
def test_each_fault_raises_botocore_s_error(
    fault: Metric, error: type[Exception], writes: int
) -> None:
    """Each fault is counted, and only a lost response follows a write."""
    aws_with_fault = FakeAws({fault: 1.0})
    with pytest.raises(error):
        aws_with_fault.write()
    assert aws_with_fault.writes == writes
    assert aws_with_fault.counters[fault] == 1


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Metric.CALLS_THROTTLED, "ThrottlingException", 400),
        (Metric.CALLS_FAILED, "InternalFailure", 500),
    ],
)
def test_an_injected_error_has_aws_s_code_and_status(fault: Metric, code: str, status: int) -> None:
    """The injected response is parsed like a real one."""
    with pytest.raises(ClientError) as raised:
        FakeAws({fault: 1.0}).write()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("fault", RATES)
def test_every_fault_counts_as_temporary(fault: Metric) -> None:
    """The code under test translates each fault to Unavailable."""
    with pytest.raises(Unavailable), translate_errors():
        FakeAws({fault: 1.0}).write()


def test_each_attempt_of_a_call_may_fail() -> None:
    """A call with two attempts writes twice if both responses are lost."""
    aws_with_fault = FakeAws({Metric.RESPONSES_LOST: 1.0}, attempts=2)
    with pytest.raises(ConnectionClosedError):
        aws_with_fault.write()
    assert aws_with_fault.writes == 2


def test_the_same_seed_gives_the_same_faults_at_the_given_rates() -> None:
    """Repeated faults come on top of the rates, in the same proportions."""
    first, second = new_counters(), new_counters()
    for counters in (first, second):
        injector = FaultInjector(Random(1), counters, lambda _: None)
        for _ in range(ATTEMPTS):
            with suppress(ReadTimeoutError, ConnectionClosedError):
                injector(REQUEST)
    total = sum(first[fault] for fault in RATES)
    for fault, rate in RATES.items():
        assert first[fault] == second[fault]
        assert first[fault] / ATTEMPTS > rate
        assert abs(first[fault] / total - rate / sum(RATES.values())) < 0.04


def test_a_fault_is_often_repeated_in_the_next_attempt() -> None:
    """The rate after a fault is higher than the rate otherwise."""
    injector = FaultInjector(
        Random(1), new_counters(), lambda _: None, {Metric.CALLS_THROTTLED: 0.1}
    )
    failed = [injector(REQUEST) is not None for _ in range(ATTEMPTS)]
    after_fault = [later for earlier, later in pairwise(failed) if earlier]
    expected = REPEAT_RATE + (1 - REPEAT_RATE) * 0.1
    assert abs(sum(after_fault) / len(after_fault) - expected) < 0.05
