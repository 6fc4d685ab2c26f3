from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
)
from botocore.exceptions import ReadTimeoutError as BotoReadTimeoutError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from tasks.aws.client import (
    MAX_ATTEMPTS,
    TRANSIENT_CODES,
    Service,
    client_config,
    retry_unprocessed,
    translate_errors,
)
from tasks.errors import Unavailable

SERVICES: tuple[Service, ...] = ("dynamodb", "s3", "sqs")


def client_error(code: str, status: int) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutItem")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException", 400),
        client_error("ProvisionedThroughputExceededException", 400),
        client_error("TransactionInProgressException", 400),
        client_error("TransactionConflictException", 400),
        client_error("SomethingNew", 429),
        client_error("SomethingNew", 503),
        EndpointConnectionError(endpoint_url="http://sqs"),
        ConnectTimeoutError(endpoint_url="http://sqs"),
        BotoReadTimeoutError(endpoint_url="http://sqs"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_a_transient_aws_error_becomes_unavailable(error: Exception) -> None:
    """Transient errors are throttling, server errors and calls without an answer."""
    with pytest.raises(Unavailable), translate_errors():
        raise error


def test_every_error_that_botocore_retries_is_transient() -> None:
    """A later attempt may succeed after the last one of botocore."""
    # botocore has no public list of these codes.
    known = {
        *vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"],
        *vars(TransientRetryableChecker)["_TRANSIENT_ERROR_CODES"],
    }
    session = botocore.session.get_session()
    for service in ("dynamodb", "s3", "sqs"):
        for shape in session.get_service_model(service).error_shapes:
            if "retryable" in shape.metadata:
                known.add(shape.metadata.get("error", {}).get("code", shape.name))
    assert known <= TRANSIENT_CODES


@pytest.mark.parametrize(("service", "seconds"), [("dynamodb", 4), ("sqs", 4), ("s3", 12)])
def test_a_call_takes_only_a_few_seconds(service: Service, seconds: int) -> None:
    """It consists of two attempts, which connect and read once each."""
    config: Any = client_config(service)
    attempts = config.retries["total_max_attempts"]
    assert attempts * (config.connect_timeout + config.read_timeout) == seconds


def test_the_threads_of_a_server_share_a_client_whose_calls_take_little_work() -> None:
    config: Any = client_config("dynamodb")
    assert (config.max_pool_connections, config.tcp_keepalive) == (50, True)
    assert (config.user_agent, config.parameter_validation) == ("barback", False)


def test_only_calls_of_s3_have_the_signature_of_s3() -> None:
    configs: dict[str, Any] = {service: client_config(service) for service in SERVICES}
    signatures = {service: config.signature_version for service, config in configs.items()}
    assert signatures == {"dynamodb": None, "s3": "s3v4", "sqs": None}


def test_a_missing_permission_is_not_translated() -> None:
    """A fault of the deployment must stay visible."""
    with pytest.raises(ClientError), translate_errors():
        raise client_error("AccessDeniedException", 400)


def test_only_unprocessed_items_are_sent_again() -> None:
    """The pause between attempts doubles each time."""
    sent: list[list[int]] = []
    pauses: list[float] = []

    def send(items: list[int]) -> list[int]:
        sent.append(items)
        return items[1:]

    retry_unprocessed(send, [1, 2, 3], pauses.append)
    assert sent == [[1, 2, 3], [2, 3], [3]]
    assert pauses == [0.05, 0.1]


def test_items_left_unprocessed_after_all_attempts_raise_unavailable() -> None:
    pauses: list[float] = []
    with pytest.raises(Unavailable, match="2 items unprocessed"):
        retry_unprocessed(lambda items: items, [1, 2], pauses.append)
    assert len(pauses) == MAX_ATTEMPTS - 1
