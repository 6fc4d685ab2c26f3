import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError
from botocore.exceptions import ReadTimeoutError as BotoReadTimeoutError

from tasks.aws.client import MAX_ATTEMPTS, retry_unprocessed, translate_errors
from tasks.errors import Unavailable


def client_error(code: str, status: int) -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutItem")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        client_error("ThrottlingException", 400),
        client_error("ProvisionedThroughputExceededException", 400),
        client_error("SomethingNew", 503),
        EndpointConnectionError(endpoint_url="http://sqs"),
        ConnectTimeoutError(endpoint_url="http://sqs"),
        BotoReadTimeoutError(endpoint_url="http://sqs"),
    ],
)
def test_what_may_succeed_later_is_unavailable(error: Exception) -> None:
    """Throttling, faults of AWS and silence all become the one error that says: try again."""
    with pytest.raises(Unavailable), translate_errors():
        raise error


def test_a_fault_of_the_deployment_goes_on_up() -> None:
    """A missing permission is nobody's bad luck, and is not hidden."""
    with pytest.raises(ClientError), translate_errors():
        raise client_error("AccessDeniedException", 400)


def test_refused_items_alone_are_sent_again() -> None:
    """Each attempt sends what the last one refused, with pauses that double."""
    sent: list[list[int]] = []
    pauses: list[float] = []

    def send(items: list[int]) -> list[int]:
        sent.append(items)
        return items[1:]

    retry_unprocessed(send, [1, 2, 3], pauses.append)
    assert sent == [[1, 2, 3], [2, 3], [3]]
    assert pauses == [0.05, 0.1]


def test_refusals_without_end_are_not_silent() -> None:
    """What is refused at every attempt is an error, not a loss."""
    pauses: list[float] = []
    with pytest.raises(Unavailable, match="2 items unprocessed"):
        retry_unprocessed(lambda items: items, [1, 2], pauses.append)
    assert len(pauses) == MAX_ATTEMPTS - 1
