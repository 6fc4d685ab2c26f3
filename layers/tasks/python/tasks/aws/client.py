"""How boto3 clients are made, and how AWS errors are translated."""

from __future__ import annotations

import encodings.idna  # noqa: F401 - the first connection would otherwise import it
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - this is its name in botocore
    HTTPClientError,
    IncompleteReadError,
)

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_ATTEMPTS: Final = 5
TRANSIENT_STATUSES: Final = frozenset({429, *range(500, 600)})

T = TypeVar("T")
Service = Literal["dynamodb", "s3", "sqs"]

# All that botocore retries, and some more.
TRANSIENT_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KmsThrottled",
        "LimitExceededException",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
# Why DynamoDB cancels a transaction that may succeed later.
_TRANSIENT_REASONS: Final = frozenset(
    {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
)


def create_client(service: Service) -> Any:
    """Create a client with the settings of `client_config`.

    Creating a client takes about 100 ms; threads may share it.
    """
    return boto3.client(service, config=client_config(service))


def client_config(service: Service) -> Config:
    """Return settings with short timeouts and one retry.

    A call takes at most 4 s, and 12 s for S3, which answers only after a whole file is written.
    """
    return Config(
        connect_timeout=1,
        read_timeout=5 if service == "s3" else 1,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=50,  # a server's threads share the client
        tcp_keepalive=True,
        # botocore would otherwise build its long default for each call, a tenth of the call's CPU.
        user_agent="barback",
        parameter_validation=False,
        # These make a signed link valid in every region, for every body, and on emulators.
        signature_version="s3v4" if service == "s3" else None,
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path"},
    )


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise `Unavailable` for AWS errors that are transient, and for calls without an answer.

    Every other error, such as a missing permission or table, is a fault of the deployment and
    propagates unchanged.
    """
    try:
        yield
    except ClientError as error:
        if _is_transient(error):
            raise Unavailable(f"AWS answered {error.response['Error']['Code']}.") from error
        raise
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable("AWS did not answer.") from error


def _is_transient(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    http_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if code in TRANSIENT_CODES or http_status in TRANSIENT_STATUSES:
        return True
    return bool(reasons := cancellation_reasons(error)) and reasons <= _TRANSIENT_REASONS


def cancellation_reasons(error: ClientError) -> set[str]:
    """Return the codes of the reasons why a transaction was cancelled."""
    # The type stubs do not have the fields of single errors.
    response: Mapping[str, Any] = error.response
    found = {reason.get("Code", "None") for reason in response.get("CancellationReasons", ())}
    return found - {"None"}


def refuse_sender_faults(failures: Sequence[Mapping[str, Any]], operation: str) -> None:
    """Raise an error if AWS would refuse one of these items of a batch again.

    Raises:
        ClientError: an item is not acceptable; its error is not transient.
    """
    for failure in failures:
        if failure["SenderFault"] and failure["Code"] not in TRANSIENT_CODES:
            response: Any = {"Error": failure, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(response, operation)


def retry_unprocessed(
    send: Callable[[list[T]], list[T]],
    items: list[T],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Send items with a call that may process only some of them, until none is left.

    Args:
        send: sends items and returns the unprocessed ones.
        items: the items to send.
        pause: waits for a number of seconds between attempts: 50 ms, doubled each time.

    Raises:
        Unavailable: some items are still unprocessed after the last attempt.
    """
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            pause(0.05 * 2 ** (attempt - 1))
        if not (items := send(items)):
            return
    raise Unavailable(f"AWS left {len(items)} items unprocessed after {MAX_ATTEMPTS} attempts.")
