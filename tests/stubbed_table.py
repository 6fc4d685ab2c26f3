"""A DynamoDB table whose answers a test scripts."""

from __future__ import annotations

from botocore.stub import Stubber

from tasks.aws.client import create_client
from tasks.aws.dynamodb import DynamoTaskStore


class StubbedTable:
    """A store on scripted answers (`aws`). Pauses are recorded and take no time."""

    def __init__(self) -> None:
        client = create_client("dynamodb")
        self.aws = Stubber(client)
        self.pauses: list[float] = []
        self.store = DynamoTaskStore(client, "tasks", self.pauses.append)
