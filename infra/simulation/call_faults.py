"""What each fault does to an attempt of an AWS call."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from infra.simulation.aws.client import OPERATIONS
from infra.simulation.aws.dynamodb import DynamoTable, transaction_cancelled
from infra.simulation.aws.errors import ServiceError
from infra.simulation.faults import LATEST, Fault
from infra.simulation.scheduler import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from infra.simulation.aws.client import Attempt
    from infra.simulation.history import History
    from infra.simulation.scheduler import Scheduler

    Inject = Callable[["Disruptor", Attempt], Any]

URL: Final = "https://aws"
CONNECT_TIMEOUT: Final = 1.0  # seconds
SLOW_TRANSACTION: Final = (1.0, 8.0)  # seconds
THROTTLING: Final = {
    "dynamodb": ("ThrottlingException", "ProvisionedThroughputExceededException"),
    "sqs": ("RequestThrottled", "ThrottlingException"),
    "s3": ("SlowDown",),
}
FAILURES: Final = {
    "dynamodb": "InternalServerError",
    "sqs": "ServiceUnavailable",
    "s3": "InternalError",
}


class Disruptor(Protocol):
    """The parts of the nemesis that a fault uses."""

    scheduler: Scheduler
    history: History
    random: Random

    def latency(self) -> None:
        """Let the time of one way of an attempt pass."""


def _throttled(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    status = 503 if attempt.service == "s3" else 400
    raise ServiceError(nemesis.random.choice(THROTTLING[attempt.service]), status=status)


def _failed(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    status = nemesis.random.choice((500, 503))
    raise ServiceError(FAILURES[attempt.service], status=status)


def _failed_after(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    attempt.send()
    _failed(nemesis, attempt)


def _request_lost(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.scheduler.sleep(attempt.read_timeout)
    raise ReadTimeoutError(endpoint_url=URL)


def _unreachable(nemesis: Disruptor, _attempt: Attempt) -> NoReturn:
    nemesis.scheduler.sleep(CONNECT_TIMEOUT)
    raise ConnectTimeoutError(endpoint_url=URL)


def _answer_lost(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    attempt.send()
    nemesis.scheduler.sleep(attempt.read_timeout)
    raise ReadTimeoutError(endpoint_url=URL)


def _closed(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    attempt.send()
    nemesis.latency()
    raise ConnectionClosedError(endpoint_url=URL)


def _late(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    """Let the request arrive after the client has given up, and usually after its repetition."""
    lateness = attempt.read_timeout + (LATEST - attempt.read_timeout) * nemesis.random.random() ** 2
    process, history = nemesis.scheduler.current, nemesis.history

    def arrive() -> None:
        with history.on_behalf(process), suppress(ServiceError):
            attempt.send()

    nemesis.scheduler.at(nemesis.scheduler.now + lateness, arrive)
    nemesis.scheduler.sleep(attempt.read_timeout)
    raise ReadTimeoutError(endpoint_url=URL)


def crash(nemesis: Disruptor) -> NoReturn:
    """End the running process as SIGKILL would."""
    process = nemesis.scheduler.current
    if process is not None:
        process.kill()
    raise Crash


def _crash_before(nemesis: Disruptor, _attempt: Attempt) -> NoReturn:
    crash(nemesis)


def _crash_after(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    attempt.send()
    crash(nemesis)


def _unprocessed(nemesis: Disruptor, attempt: Attempt) -> Any:
    """Process some of the parts of a batch."""
    nemesis.latency()
    answer = PARTS[attempt.method](nemesis, attempt)
    nemesis.latency()
    return answer


def _some(nemesis: Disruptor, parts: list[Any]) -> tuple[list[Any], list[Any]]:
    """Divide the parts into processed and unprocessed ones; some are left unprocessed."""
    done = [part for part in parts if nemesis.random.random() < 0.5]  # noqa: PLR2004 - a half
    if len(done) == len(parts):
        done.pop()
    return done, [part for part in parts if part not in done]


def _write_some(nemesis: Disruptor, attempt: Attempt) -> Any:
    [(table, requests)] = attempt.parameters["RequestItems"].items()
    done, left = _some(nemesis, requests)
    if done:
        attempt.with_parameters(RequestItems={table: done}).send()
    return {"UnprocessedItems": {table: left}}


def _read_some(nemesis: Disruptor, attempt: Attempt) -> Any:
    [(table, request)] = attempt.parameters["RequestItems"].items()
    done, left = _some(nemesis, request["Keys"])
    found: dict[str, Any] = {"Responses": {table: []}}
    if done:
        keys = {table: {**request, "Keys": done}}
        found = attempt.with_parameters(RequestItems=keys).send()
    return {**found, "UnprocessedKeys": {table: {**request, "Keys": left}}}


def _send_some(nemesis: Disruptor, attempt: Attempt) -> Any:
    done, left = _some(nemesis, attempt.parameters["Entries"])
    answer: dict[str, Any] = {"Successful": []}
    if done:
        url = attempt.parameters["QueueUrl"]
        answer = attempt.with_parameters(QueueUrl=url, Entries=done).send()
    failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in left]
    return {**answer, "Failed": [*answer.get("Failed", []), *failed]}


PARTS: Final[Mapping[str, Inject]] = {
    "batch_write_item": _write_some,
    "batch_get_item": _read_some,
    "send_message_batch": _send_some,
}


def _slow_transaction(nemesis: Disruptor, attempt: Attempt) -> Any:
    """Let the transaction take seconds: repetitions find it in progress."""
    nemesis.latency()
    table = attempt.backend
    if not isinstance(table, DynamoTable):
        raise TypeError(table)
    given = attempt.parameters
    commit = table.begin_transaction(given["TransactItems"], given["ClientRequestToken"])
    if commit is None:
        return {}

    process, history = nemesis.scheduler.current, nemesis.history

    def finish() -> None:
        with history.on_behalf(process), suppress(ServiceError):
            commit()

    seconds = nemesis.random.uniform(*SLOW_TRANSACTION)
    nemesis.scheduler.at(nemesis.scheduler.now + seconds, finish)
    nemesis.scheduler.sleep(attempt.read_timeout)
    raise ReadTimeoutError(endpoint_url=URL)


def _conflict(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    if attempt.method != "transact_write_items":
        raise ServiceError("TransactionConflictException")
    _raise_cancelled(nemesis, attempt, "TransactionConflict")


def _cancelled(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    reasons = ("ThrottlingError", "ProvisionedThroughputExceeded")
    _raise_cancelled(nemesis, attempt, nemesis.random.choice(reasons))


def _invalid(nemesis: Disruptor, attempt: Attempt) -> NoReturn:
    nemesis.latency()
    _raise_cancelled(nemesis, attempt, "ValidationError")


def _raise_cancelled(nemesis: Disruptor, attempt: Attempt, code: str) -> NoReturn:
    codes = [""] * len(attempt.parameters["TransactItems"])
    codes[nemesis.random.randrange(len(codes))] = code
    raise transaction_cancelled(codes)


def _broken_body(nemesis: Disruptor, attempt: Attempt) -> Any:
    """Close the connection within the file, or at its start."""
    nemesis.latency()
    answer = attempt.send()
    nemesis.latency()
    breaks_at = nemesis.random.randrange(len(answer["Body"].content) + 1)
    error = ResponseStreamingError(error="IncompleteRead")
    return {**answer, "Body": replace(answer["Body"], breaks_at=breaks_at, error=error)}


def _for_all(inject: Inject) -> Mapping[str, Inject]:
    return dict.fromkeys(OPERATIONS, inject)


CALL_FAULTS: Final[Mapping[Fault, Mapping[str, Inject]]] = {
    Fault.THROTTLED: _for_all(_throttled),
    Fault.FAILED: _for_all(_failed),
    Fault.FAILED_AFTER: _for_all(_failed_after),
    Fault.REQUEST_LOST: _for_all(_request_lost),
    Fault.UNREACHABLE: _for_all(_unreachable),
    Fault.ANSWER_LOST: _for_all(_answer_lost),
    Fault.CLOSED: _for_all(_closed),
    Fault.LATE: _for_all(_late),
    Fault.CRASH_BEFORE: _for_all(_crash_before),
    Fault.CRASH_AFTER: _for_all(_crash_after),
    Fault.UNPROCESSED: dict.fromkeys(PARTS, _unprocessed),
    Fault.SLOW_TRANSACTION: {"transact_write_items": _slow_transaction},
    Fault.CONFLICT: dict.fromkeys(("put_item", "update_item", "transact_write_items"), _conflict),
    Fault.CANCELLED: {"transact_write_items": _cancelled},
    Fault.INVALID: {"transact_write_items": _invalid},
    Fault.BROKEN_BODY: {"get_object": _broken_body},
}
