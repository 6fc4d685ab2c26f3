"""What the suites run against: moto always, LocalStack where `--localstack` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import boto3
import pytest
from localstack_client.session import Session
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCALSTACK: Final = "http://127.0.0.1:4566"
DYNAMODB_LOCAL: Final = "http://127.0.0.1:8123"
REGION: Final = "us-east-1"


class Emulator(Protocol):
    """AWS, or what stands in for it."""

    has_dynamodb_in_cloudformation: bool

    def client(self, service: str) -> Any:
        """Make a client of a service."""


class Moto:
    """AWS in this process."""

    has_dynamodb_in_cloudformation = True

    def client(self, service: str) -> Any:
        return boto3.client(service)  # type: ignore[call-overload]


class LocalStack:
    """LocalStack, with Amazon's DynamoDB Local for the table."""

    has_dynamodb_in_cloudformation = False

    def client(self, service: str) -> Any:
        if service == "dynamodb":
            return boto3.client("dynamodb", endpoint_url=DYNAMODB_LOCAL)
        return Session(region_name=REGION).client(service)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--localstack",
        action="store_true",
        help=f"use LocalStack ({LOCALSTACK}) and DynamoDB Local ({DYNAMODB_LOCAL}), not moto",
    )


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> Iterator[Emulator]:
    """Point this process's clients at the emulator."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    if pytestconfig.getoption("--localstack"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", LOCALSTACK)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", DYNAMODB_LOCAL)
        yield LocalStack()
        return
    with mock_aws():
        yield Moto()
