"""Creates the implementations of the ports on AWS.

boto3 is imported when the first of them is created: the stack on one machine starts without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.ports import DocumentStore, TaskQueue, TaskStore
    from tasks.webhooks.ports import DeliveryQueue, WebhookStore

K = TypeVar("K")


def create_store(table_name: str, *, lists_tasks: bool = False) -> TaskStore:
    """Return the table of tasks with this name, which may have an index of owners."""
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.dynamodb import DynamoTaskStore  # noqa: PLC0415

    return DynamoTaskStore(create_client("dynamodb"), table_name, lists_tasks=lists_tasks)


def create_queues(urls: Mapping[K, str]) -> dict[K, TaskQueue]:
    """Return the queues at these URLs; they share one client."""
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.sqs import SqsTaskQueue  # noqa: PLC0415

    sqs = create_client("sqs")
    return {name: SqsTaskQueue(sqs, url) for name, url in urls.items()}


def create_documents(bucket: str) -> DocumentStore:
    """Return the files in this bucket."""
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.s3 import S3DocumentStore  # noqa: PLC0415

    return S3DocumentStore(create_client("s3"), bucket)


def create_webhooks(table_name: str) -> WebhookStore:
    """Return the deliveries and secrets in the table of tasks with this name."""
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.webhooks import DynamoWebhookStore  # noqa: PLC0415

    return DynamoWebhookStore(create_client("dynamodb"), table_name)


def create_delivery_queue(url: str) -> DeliveryQueue:
    """Return the queue of deliveries at this URL."""
    from tasks.aws.client import create_client  # noqa: PLC0415
    from tasks.aws.webhooks import SqsDeliveryQueue  # noqa: PLC0415

    return SqsDeliveryQueue(create_client("sqs"), url)
