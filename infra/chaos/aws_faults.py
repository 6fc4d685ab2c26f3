"""Makes AWS calls fail, by a hook of botocore that the code under fire knows nothing of."""

from __future__ import annotations

import io
import json
import threading
from typing import TYPE_CHECKING, Any, Final

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from botocore.awsrequest import AWSPreparedRequest

    from infra.chaos.counters import Tally

THROTTLED: Final = "calls throttled"
FAILED: Final = "calls answered with 500"
TIMED_OUT: Final = "calls timed out"
LOST: Final = "answers lost after the write"
# Shares of the attempts of all calls, beside those that fail as the attempt before them did:
# trouble seldom comes singly, and botocore's own retry would else hide nearly all of it.
RATES: Final = {THROTTLED: 0.05, FAILED: 0.03, TIMED_OUT: 0.01, LOST: 0.02}
AGAIN: Final = 0.15  # share of the attempts after a failed one, in the same thread
ANSWERS: Final = {THROTTLED: (400, "ThrottlingException"), FAILED: (500, "InternalFailure")}


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


class Faults:
    """A handler of botocore's event `before-send`, which each attempt of a call passes.

    Args:
        chance: decides which attempts fail.
        tally: counts them by kind.
        send: sends a request whose answer is to be lost.
        rates: the share of attempts by kind, beside the share of `AGAIN`.
    """

    def __init__(
        self,
        chance: Random,
        tally: Tally,
        send: Callable[[AWSPreparedRequest], object],
        rates: Mapping[str, float] = RATES,
    ) -> None:
        self._chance = chance
        self._tally = tally
        self._send = send
        self._rates = rates
        self._before = threading.local()

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Let the attempt pass (None), answer in place of AWS, or raise what a network raises."""
        fault = self._before.fault = self._draw()
        if fault is None:
            return None
        self._tally.add(fault)
        if fault == TIMED_OUT:
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault == LOST:
            self._send(request)
            raise ConnectionClosedError(endpoint_url=request.url)
        status, code = ANSWERS[fault]
        body = json.dumps({"__type": code, "message": "Chaos."}).encode()
        return AWSResponse(request.url, status, HTTPHeaders(), _Body(body))

    def _draw(self) -> str | None:
        before: str | None = getattr(self._before, "fault", None)
        if before is not None and self._chance.random() < AGAIN:
            return before
        drawn = self._chance.random()
        for fault, rate in self._rates.items():
            if drawn < rate:
                return fault
            drawn -= rate
        return None


def install(chance: Random, tally: Tally) -> None:
    """Give every client that this process makes from now on its share of faults."""
    session = botocore.session.Session()
    http = URLLib3Session(max_pool_connections=50)
    # The stubs do not know that a handler may answer.
    handler: Any = Faults(chance, tally, http.send)
    session.register("before-send", handler)
    boto3.setup_default_session(botocore_session=session)
