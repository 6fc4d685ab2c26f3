"""Each kind of fault is to botocore what it would be from AWS or from the network."""

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

from infra.chaos.aws_faults import AGAIN, FAILED, LOST, RATES, THROTTLED, TIMED_OUT, Faults
from infra.chaos.counters import NAMES, Tally
from tasks import aws
from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


ATTEMPTS = 10_000


class Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


class Aws:
    """AWS as it is behind the faults: it counts what came through to it."""

    def __init__(self, rates: dict[str, float], attempts: int = 1) -> None:
        self.writes = 0
        self.tally = Tally([0] * len(NAMES))
        self.faults = Faults(Random(1), self.tally, self.answer, rates)
        session: Any = botocore.session.Session()
        session.register("before-send", lambda **sent: self.faults(**sent) or self.answer(**sent))
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
        (THROTTLED, ClientError, 0),
        (FAILED, ClientError, 0),
        (TIMED_OUT, ReadTimeoutError, 0),
        (LOST, ConnectionClosedError, 1),
    ],
)
def test_a_fault_is_what_it_says(fault: str, error: type[Exception], writes: int) -> None:
    """Each raises what botocore raises, is counted, and only a lost answer comes after a write."""
    behind = Aws({fault: 1.0})
    with pytest.raises(error):
        behind.write()
    assert behind.writes == writes
    assert behind.tally[fault] == 1


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [(THROTTLED, "ThrottlingException", 400), (FAILED, "InternalFailure", 500)],
)
def test_an_answer_in_place_of_aws_reads_like_its_own(fault: str, code: str, status: int) -> None:
    """Code and status are where clients look for them."""
    with pytest.raises(ClientError) as raised:
        Aws({fault: 1.0}).write()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("fault", RATES)
def test_every_fault_is_one_that_passes(fault: str) -> None:
    """The code under fire takes each for a service that is not there at the moment."""
    with pytest.raises(Unavailable), aws.translated_errors():
        Aws({fault: 1.0}).write()


def test_each_attempt_of_a_call_may_fail() -> None:
    """Retries pass the faults, too: a call whose answers are lost writes once an attempt."""
    behind = Aws({LOST: 1.0}, attempts=2)
    with pytest.raises(ConnectionClosedError):
        behind.write()
    assert behind.writes == 2


def test_faults_come_at_their_rates_and_by_their_seed() -> None:
    """Over many attempts each kind has its share; the same seed gives the same again."""
    request = AWSPreparedRequest("POST", "http://aws", HTTPHeaders(), b"", stream_output=False)
    first, second = (Tally([0] * len(NAMES)) for _ in range(2))
    for tally in (first, second):
        faults = Faults(Random(1), tally, lambda _: None)
        for _ in range(ATTEMPTS):
            with suppress(ReadTimeoutError, ConnectionClosedError):
                faults(request)
    faults_in_all = sum(first[fault] for fault in RATES)
    for fault, rate in RATES.items():
        assert first[fault] == second[fault]
        assert first[fault] / ATTEMPTS > rate
        assert abs(first[fault] / faults_in_all - rate / sum(RATES.values())) < 0.04


def test_a_fault_often_comes_again_at_once() -> None:
    """The attempt after a failed one fails likewise more often than others do."""
    request = AWSPreparedRequest("POST", "http://aws", HTTPHeaders(), b"", stream_output=False)
    faults = Faults(Random(1), Tally([0] * len(NAMES)), lambda _: None, {THROTTLED: 0.1})
    failed = [faults(request) is not None for _ in range(ATTEMPTS)]
    after = [later for earlier, later in pairwise(failed) if earlier]
    assert abs(sum(after) / len(after) - (AGAIN + (1 - AGAIN) * 0.1)) < 0.05
