"""The rows of deliveries and secrets on DynamoDB, and the queue of deliveries on SQS."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from tasks.aws.client import translate_errors
from tasks.aws.items import number_attribute
from tasks.aws.sqs import send_all
from tasks.webhooks.delivery import Attempt, DeliveryState, WebhookDelivery
from tasks.webhooks.secrets import OwnerSecrets, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.aws.items import Item
    from tasks.webhooks.messages import DeliveryMessage

DELIVERY: Final = "delivery#"
SECRETS: Final = "secrets#"
MAX_GROUP: Final = 128  # characters of a MessageGroupId


class DynamoWebhookStore:
    """The rows of deliveries and secrets, in the table of tasks."""

    def __init__(self, client: Any, table_name: str) -> None:
        self._client = client
        self._table = table_name

    def create_delivery(self, delivery: WebhookDelivery) -> None:
        """Put the row on condition that there is none."""
        self._put(_delivery_to_item(delivery), 0)

    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        """Read the row, strongly consistent."""
        item = self._get(DELIVERY + delivery_id)
        return None if item is None else _item_to_delivery(item)

    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        """Put the row on condition that its version is the one that was read."""
        return self._put(_delivery_to_item(delivery), read.version)

    def get_secrets(self, owner: str) -> OwnerSecrets | None:
        """Read the row, strongly consistent."""
        item = self._get(SECRETS + owner)
        if item is None:
            return None
        secrets = tuple(Secret(*pair) for pair in json.loads(item["secrets"]["S"]))
        return OwnerSecrets(owner, secrets, int(item["version"]["N"]))

    def put_secrets(self, secrets: OwnerSecrets) -> bool:
        """Put the row on condition that the version before it is in the table."""
        pairs = [[secret.value, secret.expires_at] for secret in secrets.secrets]
        item: Item = {
            "task_id": {"S": SECRETS + secrets.owner},
            "secrets": {"S": json.dumps(pairs)},
            "version": {"N": str(secrets.version)},
        }
        return self._put(item, secrets.version - 1)

    def _get(self, key: str) -> Item | None:
        with translate_errors():
            answer = self._client.get_item(
                TableName=self._table, Key={"task_id": {"S": key}}, ConsistentRead=True
            )
        item: Item | None = answer.get("Item")
        return item

    def _put(self, item: Item, version: int) -> bool:
        """Put an item if the current one has a version, or 0 if there is none."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(task_id)"}
        if version:
            condition = {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(version)}},
            }
        with translate_errors():
            try:
                self._client.put_item(TableName=self._table, Item=item, **condition)
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


def _delivery_to_item(delivery: WebhookDelivery) -> Item:
    item: Item = {
        "task_id": {"S": DELIVERY + delivery.delivery_id},
        "owner": {"S": delivery.owner},
        "url": {"S": delivery.url},
        "state": {"S": delivery.state},
        "attempts": {"S": json.dumps([attempt.to_json() for attempt in delivery.attempts])},
        "number": {"N": str(delivery.number)},
        "first": {"N": str(delivery.first)},
        "version": {"N": str(delivery.version)},
        "created_at": number_attribute(delivery.created_at),
        "started_at": number_attribute(delivery.started_at),
        "expires_at": {"N": str(int(delivery.expires_at))},
    }
    if delivery.batch_id is not None:
        item["batch_id"] = {"S": delivery.batch_id}
    if delivery.traceparent is not None:
        item["traceparent"] = {"S": delivery.traceparent}
    return item


def _item_to_delivery(item: Mapping[str, Mapping[str, str]]) -> WebhookDelivery:
    attempts = json.loads(item["attempts"]["S"])
    return WebhookDelivery(
        delivery_id=item["task_id"]["S"].removeprefix(DELIVERY),
        owner=item["owner"]["S"],
        url=item["url"]["S"],
        created_at=float(item["created_at"]["N"]),
        expires_at=float(item["expires_at"]["N"]),
        started_at=float(item["started_at"]["N"]),
        state=DeliveryState(item["state"]["S"]),
        attempts=tuple(Attempt.from_json(attempt) for attempt in attempts),
        number=int(item["number"]["N"]),
        first=int(item["first"]["N"]),
        version=int(item["version"]["N"]),
        batch_id=item["batch_id"]["S"] if "batch_id" in item else None,
        traceparent=item["traceparent"]["S"] if "traceparent" in item else None,
    )


class SqsDeliveryQueue:
    """An SQS standard queue. Each message has its receiver's host as `MessageGroupId`.

    Args:
        client: a boto3 client of SQS.
        url: the URL of the queue.
        pause: waits for a number of seconds before a repetition.
    """

    def __init__(self, client: Any, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._url = url
        self._pause = pause

    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        """Send the messages, each with its delay."""
        sends = [
            {
                "MessageBody": message.encode(),
                "MessageGroupId": message.host[:MAX_GROUP],
                "DelaySeconds": message.delay(now),
            }
            for message in messages
        ]
        send_all(self._client, self._url, sends, self._pause)
