"""The emulator of AWS that tests use: moto, or LocalStack with `--localstack`."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
import pytest
from hypothesis import settings
from localstack_client.session import Session
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

LOCALSTACK: Final = "http://127.0.0.1:4566"
DYNAMODB_LOCAL: Final = "http://127.0.0.1:8123"
REGION: Final = "us-east-1"


# A shell that starts the tests in the background makes them ignore Ctrl-C, but some press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline, because `make bench` measures speed. Every run uses the same examples.
settings.register_profile("barback", deadline=None, derandomize=True)
settings.load_profile("barback")


@pytest.fixture(scope="session", autouse=True)
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give Mangum an event loop, as Lambda does."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(autouse=True)
def current_event_loop(event_loop: asyncio.AbstractEventLoop) -> None:
    """Set the event loop again, because an earlier test may have replaced it."""
    asyncio.set_event_loop(event_loop)


class Emulator(Protocol):
    """AWS, or an emulator of it."""

    has_dynamodb_in_cloudformation: bool

    def client(self, service: str) -> Any:
        """Return a client of a service."""


class Moto:
    """moto, in this process."""

    has_dynamodb_in_cloudformation = True

    def client(self, service: str) -> Any:
        return boto3.client(service)  # type: ignore[call-overload]


class LocalStack:
    """LocalStack, with DynamoDB Local for the table."""

    has_dynamodb_in_cloudformation = False

    def client(self, service: str) -> Any:
        if service == "dynamodb":
            return boto3.client("dynamodb", endpoint_url=DYNAMODB_LOCAL)
        return Session(region_name=REGION).client(service)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--localstack",
        action="store_true",
        help=f"use LocalStack ({LOCALSTACK}) and DynamoDB Local ({DYNAMODB_LOCAL}) instead of moto",
    )


@pytest.fixture
def localstack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the clients of this process at LocalStack, and at DynamoDB Local for the table."""
    _set_credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", LOCALSTACK)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", DYNAMODB_LOCAL)


def mocked_aws() -> AbstractContextManager[object]:
    """Return moto's AWS in this process.

    boto3 keeps its session, because each new one reads the descriptions of the services again.
    """
    aws: AbstractContextManager[object]
    aws = mock_aws(config={"core": {"reset_boto3_session": False}})
    return aws


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the clients of this process at moto."""
    _set_credentials(monkeypatch)
    with mocked_aws():
        yield


def _set_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Emulator:
    """Point the clients of this process at the emulator."""
    if request.config.getoption("--localstack"):
        request.getfixturevalue("localstack")
        return LocalStack()
    request.getfixturevalue("moto")
    return Moto()
