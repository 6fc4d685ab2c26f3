"""Faults in AWS calls, injected through a botocore hook that the code under test does not see."""

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

from infra.chaos.counters import Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from random import Random

    from botocore.awsrequest import AWSPreparedRequest

    from infra.chaos.counters import Counters

# The probability of each fault in one attempt of a call.
RATES: Final = {
    Metric.CALLS_THROTTLED: 0.05,
    Metric.CALLS_FAILED: 0.03,
    Metric.CALLS_TIMED_OUT: 0.01,
    Metric.RESPONSES_LOST: 0.02,
}
# The probability that the next attempt in the same thread has the same fault. Without it,
# botocore's own retry would hide nearly every fault.
REPEAT_RATE: Final = 0.15
ERROR_RESPONSES: Final = {
    Metric.CALLS_THROTTLED: (400, "ThrottlingException"),
    Metric.CALLS_FAILED: (500, "InternalFailure"),
}


class _Body(io.BytesIO):
    """The part of urllib3's response that botocore reads."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


class FaultInjector:
    """A handler of botocore's event `before-send`, which fires for each attempt of a call.

    Args:
        rng: decides which attempts fail.
        counters: count the faults.
        send: sends a request whose response is then dropped.
        rates: the probability of each fault, in addition to `REPEAT_RATE`.
    """

    def __init__(
        self,
        rng: Random,
        counters: Counters,
        send: Callable[[AWSPreparedRequest], object],
        rates: Mapping[Metric, float] = RATES,
    ) -> None:
        self._rng = rng
        self._counters = counters
        self._send = send
        self._rates = rates
        self._previous = threading.local()

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Let the attempt pass (None), return an error response, or raise a network error."""
        fault = self._previous.fault = self._draw()
        if fault is None:
            return None
        self._counters.add(fault)
        if fault is Metric.CALLS_TIMED_OUT:
            raise ReadTimeoutError(endpoint_url=request.url)
        if fault is Metric.RESPONSES_LOST:
            self._send(request)
            raise ConnectionClosedError(endpoint_url=request.url)
        status, code = ERROR_RESPONSES[fault]
        body = json.dumps({"__type": code, "message": "Injected by the chaos run."}).encode()
        return AWSResponse(request.url, status, HTTPHeaders(), _Body(body))

    def _draw(self) -> Metric | None:
        previous: Metric | None = getattr(self._previous, "fault", None)
        if previous is not None and self._rng.random() < REPEAT_RATE:
            return previous
        drawn = self._rng.random()
        for fault, rate in self._rates.items():
            if drawn < rate:
                return fault
            drawn -= rate
        return None


def install_faults(rng: Random, counters: Counters) -> None:
    """Inject faults into every AWS client that this process creates from now on."""
    session = botocore.session.Session()
    http = URLLib3Session(max_pool_connections=50)
    # botocore's type stubs do not say that a handler may return a response.
    handler: Any = FaultInjector(rng, counters, http.send)
    session.register("before-send", handler)
    boto3.setup_default_session(botocore_session=session)
