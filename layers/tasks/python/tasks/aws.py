"""The edge to AWS: how clients are made, and what their errors mean here.

This is the only module that imports boto3; `store`, `queue` and `documents` are the only ones
that use it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ATTEMPTS: Final = 5

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


def client(service: Literal["dynamodb", "s3", "sqs"]) -> Any:
    """Make a client: short timeouts, connections kept alive, one retry: 4 s for a call at worst.

    S3 has longer, since it answers when a whole file is written.

    Making one costs about 100 ms, so it is made once per process and shared by its threads.
    """
    import boto3  # noqa: PLC0415 - the price of boto3 is paid on the first use, not at import
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=1,
        read_timeout=5 if service == "s3" else 1,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=50,  # a server's threads share the client
        tcp_keepalive=True,
        # botocore would describe itself anew for each call: a tenth of what a call costs here.
        user_agent="barback",
        parameter_validation=False,
        # A link then holds in every region and for every body, and at emulators' addresses, too.
        signature_version="s3v4" if service == "s3" else None,
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path"},
    )
    return boto3.client(service, config=config)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what AWS calls transient, and what never got an answer, into `Unavailable`.

    Everything else (a missing permission, a missing table) is a fault of the deployment and goes
    on up as it is.
    """
    from botocore.exceptions import (  # noqa: PLC0415
        ClientError,
        ConnectionError,  # noqa: A004 - botocore's name
        HTTPClientError,
        IncompleteReadError,
    )

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        http_status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _TRANSIENT_CODES or http_status >= 500:  # noqa: PLR2004
            raise Unavailable(f"AWS answered {code}.") from error
        raise
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise Unavailable("AWS did not answer.") from error


def until_accepted(
    send: Callable[[list[T]], list[T]],
    items: list[T],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Send `items` with a call that may refuse some, again and again until none is left.

    Args:
        send: sends a list and returns what was refused.
        items: what to send.
        pause: waits that many seconds between attempts: 50 ms, then twice as long each time.

    Raises:
        Unavailable: some are refused still after the last attempt.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(0.05 * 2 ** (attempt - 1))
        if not (items := send(items)):
            return
    raise Unavailable(f"AWS refused {len(items)} of the writes {ATTEMPTS} times.")
