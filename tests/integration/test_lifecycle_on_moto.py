"""The rules of a task's life cycle, with a DynamoDB table in moto."""

from __future__ import annotations

from typing import Any

import boto3
from hypothesis import settings
from moto import mock_aws

from infra.local.template import read_template
from tasks.aws.client import create_client
from tasks.aws.dynamodb import DynamoTaskStore
from tests.unit.test_lifecycle import Lifecycle


class LifecycleOnMoto(Lifecycle):
    """Creates a new table for each run of the state machine."""

    def make_store(self) -> Any:
        self.moto = mock_aws()
        self.moto.start()
        boto3.setup_default_session(region_name="us-east-1")
        properties = read_template()["Resources"]["TaskTable"]["Properties"]
        keys = ("AttributeDefinitions", "KeySchema", "BillingMode")
        create: Any = boto3.client("dynamodb").create_table
        create(TableName="tasks", **{key: properties[key] for key in keys})
        return DynamoTaskStore(create_client("dynamodb"), "tasks")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "moto"):
            self.moto.stop()
            boto3.DEFAULT_SESSION = None


TestLifecycleOnMoto = LifecycleOnMoto.TestCase
TestLifecycleOnMoto.settings = settings(max_examples=5, stateful_step_count=25)
