"""The API keys of a deployment: add, rotate, revoke, list.

`functions.api.owners` describes the parts of a key.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

from functions.api.owners import KEY_MARK, RANDOM_LENGTH, owner_of, owner_part
from infra.keys.errors import KeyTooLong, KeyUnknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from infra.keys.deployment import Deployment

MAX_PAGE: Final = 500  # keys, in API Gateway
MAX_LENGTH: Final = 128  # of a value, in API Gateway
MAX_ROTATABLE: Final = MAX_LENGTH - len(KEY_MARK) - RANDOM_LENGTH  # of the owner's part

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class NewKey:
    """A key that has just been created."""

    key_id: str
    name: str
    value: str = field(repr=False)

    @property
    def owner(self) -> str:
        """The owner of its tasks."""
        return owner_of(self.value)


@dataclass(frozen=True)
class ListedKey:
    """A key without its value."""

    key_id: str
    name: str
    owner: str
    created: datetime
    is_enabled: bool


class ApiKeys:
    """The API keys of a deployment.

    Args:
        gateway: a boto3 client of API Gateway.
        deployment: the stack whose usage plan has the keys.
        random_text: returns a number of random letters and digits.
    """

    def __init__(
        self, gateway: Any, deployment: Deployment, random_text: Callable[[int], str]
    ) -> None:
        self._gateway = gateway
        self._deployment = deployment
        self._random_text = random_text

    def add(self, name: str) -> NewKey:
        """Create a key of a new owner."""
        return self._create(name, self._random_text(RANDOM_LENGTH))

    def rotate(self, key_id: str) -> NewKey:
        """Create another key of the owner of a key, which stays as it is and may be disabled.

        Raises:
            KeyUnknown: the deployment has no such key.
            KeyTooLong: the value was chosen by hand and leaves no room for a random part.
        """
        old = self._find(key_id)
        part = owner_part(old["value"])
        if len(part) > MAX_ROTATABLE:
            raise KeyTooLong(
                f"This key has {len(part)} characters, and only one of at most {MAX_ROTATABLE} "
                "can be rotated: add a key, whose owner is a new one."
            )
        return self._create(old.get("name") or key_id, part)

    def revoke(self, key_id: str) -> Literal["disabled", "deleted"]:
        """Disable a key; delete a disabled one, unless it belongs to the stack.

        Raises:
            KeyUnknown: the deployment has no such key.
        """
        if self._find(key_id)["enabled"] or key_id == self._deployment.first_key:
            operation = {"op": "replace", "path": "/enabled", "value": "false"}
            self._gateway.update_api_key(apiKey=key_id, patchOperations=[operation])
            return "disabled"
        self._gateway.delete_api_key(apiKey=key_id)
        return "deleted"

    def listed(self) -> list[ListedKey]:
        """Return all keys, the oldest first."""
        plan = self._deployment.usage_plan
        ids = {key["id"] for key in self._pages("get_usage_plan_keys", usagePlanId=plan)}
        keys = self._pages("get_api_keys", includeValues=True)
        found = [_listed(key) for key in keys if key["id"] in ids]
        return sorted(found, key=lambda key: key.created)

    def _pages(self, operation: str, **parameters: Any) -> Iterator[JsonObject]:
        pages = self._gateway.get_paginator(operation).paginate(
            **parameters, PaginationConfig={"PageSize": MAX_PAGE}
        )
        for page in pages:
            yield from page["items"]

    def _find(self, key_id: str) -> JsonObject:
        """Return a key of the usage plan, with its value."""
        plan = self._deployment.usage_plan
        try:
            self._gateway.get_usage_plan_key(usagePlanId=plan, keyId=key_id)
            found: JsonObject = self._gateway.get_api_key(apiKey=key_id, includeValue=True)
        except self._gateway.exceptions.NotFoundException as error:
            stack = self._deployment.stack
            raise KeyUnknown(
                f"{stack} has no key with this ID: `make list-keys` shows the IDs of its keys."
            ) from error
        return found

    def _create(self, name: str, part: str) -> NewKey:
        """Create a key in the usage plan, or none: outside the plan it would be of no use."""
        value = part + KEY_MARK + self._random_text(RANDOM_LENGTH)
        key_id: str = self._gateway.create_api_key(
            name=name,
            description=f"A key of {self._deployment.stack}",
            enabled=True,
            value=value,
        )["id"]
        try:
            self._gateway.create_usage_plan_key(
                usagePlanId=self._deployment.usage_plan, keyId=key_id, keyType="API_KEY"
            )
        except BaseException:
            with suppress(BotoCoreError, ClientError):  # the first error says more
                self._gateway.delete_api_key(apiKey=key_id)
            raise
        return NewKey(key_id, name, value)


def _listed(key: JsonObject) -> ListedKey:
    return ListedKey(
        key["id"], key.get("name", ""), owner_of(key["value"]), key["createdDate"], key["enabled"]
    )
