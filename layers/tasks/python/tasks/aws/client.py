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
    from collections.abc import Callable, Iterator

MAX_ATTEMPTS: Final = 5
SERVER_ERROR: Final = 500  # the lowest HTTP status of one

T = TypeVar("T")

_TRANSIENT_CODES: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KmsThrottled",
        "LimitExceededException",
        "OverLimit",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
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
    }
)


def create_client(service: Literal["dynamodb", "s3", "sqs"]) -> Any:
    """Create a client with short timeouts and one retry.

    A call takes at most 4 s, and 12 s for S3, which answers only after a whole file is written.

    Creating a client takes about 100 ms; threads may share it.
    """
    config = Config(
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
    return boto3.client(service, config=config)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise `Unavailable` for AWS errors that are transient, and for calls without an answer.

    Every other error, such as a missing permission or table, is a fault of the deployment and
    propagates unchanged.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        http_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _TRANSIENT_CODES or http_status >= SERVER_ERROR:
            raise Unavailable(f"AWS answered {code}.") from error
        raise
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable("AWS did not answer.") from error


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
