"""The simulated client of boto3: attempts that take time, may fail, and are repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

from infra.simulation.aws.errors import ServiceError, client_error, exceptions_of
from infra.simulation.aws.retries import Retries
from infra.simulation.aws.s3 import presigned_url
from tasks.aws.client import client_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from infra.simulation.aws.dynamodb import DynamoTable
    from infra.simulation.aws.s3 import SimulatedS3
    from infra.simulation.aws.sqs import SimulatedSqs
    from infra.simulation.scheduler import Scheduler

    Backend = DynamoTable | SimulatedSqs | SimulatedS3

OPERATIONS: Final = {
    name: "".join(part.capitalize() for part in name.split("_"))
    for name in (
        "put_item", "batch_write_item", "update_item", "get_item", "batch_get_item", "query",
        "transact_write_items", "send_message", "send_message_batch",
        "change_message_visibility", "get_queue_attributes", "get_object", "put_object",
    )
}  # fmt: skip
LATENCY: Final = (0.002, 0.012)  # seconds of each way of an attempt


class Attempt:
    """An attempt of a call on its way to a service.

    Attributes:
        backend: the service.
        service: its name.
        method: the method of the client, such as `put_item`.
        parameters: those of the call.
        read_timeout: after how many seconds the client gives up.
    """

    __slots__ = ("backend", "method", "parameters", "read_timeout", "service")

    def __init__(
        self, backend: Backend, method: str, parameters: dict[str, Any], read_timeout: float
    ) -> None:
        self.backend = backend
        self.service: str = backend.service
        self.method = method
        self.parameters = parameters
        self.read_timeout = read_timeout

    def send(self) -> Any:
        """Let the service answer, now.

        Raises:
            ServiceError: the service refuses.
        """
        return getattr(self.backend, self.method)(**self.parameters)

    def with_parameters(self, **parameters: Any) -> Attempt:
        """Return the same attempt with other parameters."""
        return Attempt(self.backend, self.method, parameters, self.read_timeout)


class Network(Protocol):
    """What happens to attempts, and who is told of calls."""

    def calls(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Note a call of a client."""

    def carry(self, attempt: Attempt) -> Any:
        """Return the answer to an attempt, after some time, or raise what the client sees."""


class PerfectNetwork:
    """A network that loses nothing.

    Args:
        scheduler: the time.
        random: the latencies.
    """

    def __init__(self, scheduler: Scheduler, random: Random) -> None:
        self.scheduler = scheduler
        self.random = random

    def calls(self, method: str, parameters: Mapping[str, Any]) -> None:
        """Ignore it."""

    def carry(self, attempt: Attempt) -> Any:
        """Let the service answer after a latency."""
        self.wait()
        answer = attempt.send()
        self.wait()
        return answer

    def wait(self) -> None:
        """Let a latency pass."""
        shortest, longest = LATENCY
        self.scheduler.sleep(shortest + (longest - shortest) * self.random.random())


class SimulatedClient:
    """A client for the operations of a backend.

    Args:
        backend: the service.
        network: carries the attempts.
        scheduler: the time.
        random: tokens, and the pauses between attempts.
    """

    def __init__(
        self, backend: Backend, network: Network, scheduler: Scheduler, random: Random
    ) -> None:
        config: Any = client_config(backend.service)
        attempts = config.retries["total_max_attempts"]
        self.exceptions = exceptions_of(backend.service)
        self._backend = backend
        self._network = network
        self._scheduler = scheduler
        self._random = random
        self._read_timeout: float = config.read_timeout
        self._retries = Retries(backend.service, attempts, random.random)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method not in OPERATIONS:
            raise AttributeError(method)

        def call(**parameters: Any) -> Any:
            return self._call(method, parameters)

        setattr(self, method, call)
        return call

    def generate_presigned_url(
        self,
        method: str,
        Params: Mapping[str, Any],  # noqa: N803 - AWS's name
        ExpiresIn: int,  # noqa: N803
    ) -> str:
        """Sign a request; this takes no call."""
        return presigned_url(method, Params, ExpiresIn)

    def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        self._scheduler.check_alive()
        if method == "transact_write_items":  # botocore makes the token once for all attempts
            parameters = {"ClientRequestToken": f"{self._random.getrandbits(128):x}", **parameters}
        self._network.calls(method, parameters)
        attempt = Attempt(self._backend, method, parameters, self._read_timeout)
        context: dict[str, Any] = {}
        number = 1
        while True:
            try:
                answer = self._attempt(attempt, number)
            except (ClientError, HTTPClientError, ConnectionError) as error:
                delay = self._retries.delay(OPERATIONS[method], number, error, context)
                if delay is None:
                    raise
            else:
                self._retries.succeeded(context)
                return answer
            self._scheduler.sleep(delay)
            number += 1

    def _attempt(self, attempt: Attempt, number: int) -> Any:
        try:
            return self._network.carry(attempt)
        except ServiceError as error:
            operation = OPERATIONS[attempt.method]
            raise client_error(attempt.service, operation, error, number) from error
