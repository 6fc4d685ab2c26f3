"""The keys of a deployment in the API Gateway of moto."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.api.owners import owner_of, owner_part
from infra.keys.api_keys import MAX_ROTATABLE, ApiKeys, NewKey
from infra.keys.deployment import Deployment
from infra.keys.errors import KeyTooLong, KeyUnknown

if TYPE_CHECKING:
    from collections.abc import Callable


def numbered_texts() -> Callable[[int], str]:
    """Return a source of texts: 1111…, 2222…, and so on."""
    digits = itertools.count(1)
    return lambda length: str(next(digits)) * length


class Account:
    """API Gateway with the usage plans of two stacks."""

    def __init__(self) -> None:
        self.gateway: Any = boto3.client("apigateway", region_name="us-east-1")
        self.first_key = self.created(name="first", enabled=True)
        self.deployment = self._deployment("barback-dev", self.first_key)
        self.keys = ApiKeys(self.gateway, self.deployment, numbered_texts())
        self.attach(self.first_key)

    def _deployment(self, stack: str, first_key: str) -> Deployment:
        plan = self.gateway.create_usage_plan(name=stack)["id"]
        return Deployment(stack, plan, first_key)

    def created(self, **parameters: Any) -> str:
        """Create a key outside all usage plans, and return its id."""
        key_id: str = self.gateway.create_api_key(**parameters)["id"]
        return key_id

    def attach(self, key_id: str) -> None:
        """Add a key to the usage plan."""
        self.gateway.create_usage_plan_key(
            usagePlanId=self.deployment.usage_plan, keyId=key_id, keyType="API_KEY"
        )

    def key(self, key_id: str) -> dict[str, Any]:
        """Return a key with its value."""
        key: dict[str, Any] = self.gateway.get_api_key(apiKey=key_id, includeValue=True)
        return key

    def stranger(self) -> str:
        """Return the id of a key in the usage plan of another stack."""
        other = self._deployment("barback-prod", "")
        return ApiKeys(self.gateway, other, lambda length: "x" * length).add("stranger").key_id

    def plan_keys(self) -> set[str]:
        """Return the ids of the keys in the usage plan."""
        found = self.gateway.get_usage_plan_keys(usagePlanId=self.deployment.usage_plan)
        return {key["id"] for key in found["items"]}


@pytest.fixture
def account(moto: None) -> Account:  # noqa: ARG001 - the client is one of moto
    return Account()


def test_a_new_key_is_enabled_in_the_usage_plan(account: Account) -> None:
    """It has the name that the operator chose, and the value that the caller gets."""
    new = account.keys.add("ann")
    key = account.key(new.key_id)
    assert (key["name"], key["enabled"], key["value"]) == ("ann", True, new.value)
    assert key["description"] == "A key of barback-dev"
    assert new.key_id in account.plan_keys()


def test_each_new_key_has_a_new_owner(account: Account) -> None:
    new = [account.keys.add("ann"), account.keys.add("ann")]
    assert len({key.owner for key in new} | {owner_of(key.value) for key in new}) == 2


def test_no_part_of_a_new_key_is_a_key(account: Account) -> None:
    """A leaked key therefore reveals no other key of its owner."""
    new = account.keys.add("ann")
    values = {key["value"] for key in account.gateway.get_api_keys(includeValues=True)["items"]}
    assert new.value in values
    assert owner_part(new.value) not in values


def test_a_rotated_key_has_another_value_and_the_same_owner_and_name(account: Account) -> None:
    old = account.keys.add("ann")
    new = account.keys.rotate(old.key_id)
    assert new.value != old.value
    assert (new.owner, new.name) == (old.owner, "ann")
    assert account.key(new.key_id)["enabled"]
    assert {old.key_id, new.key_id} <= account.plan_keys()


def test_a_key_that_api_gateway_generated_can_be_rotated(account: Account) -> None:
    """Its owner stays a hash of the generated value."""
    generated = account.key(account.first_key)["value"]
    new = account.keys.rotate(account.first_key)
    assert owner_of(new.value) == owner_of(generated)


def test_a_key_that_replaces_one_without_a_name_is_named_after_it(account: Account) -> None:
    nameless = account.created(enabled=True)
    account.attach(nameless)
    assert account.keys.rotate(nameless).name == nameless


def test_a_rotated_key_can_be_rotated_again(account: Account) -> None:
    """Its value does not grow."""
    first = account.keys.add("ann")
    second = account.keys.rotate(first.key_id)
    third = account.keys.rotate(second.key_id)
    assert third.value not in (first.value, second.value)
    assert (third.owner, len(third.value)) == (first.owner, len(second.value))


def test_the_old_key_stays_enabled_until_it_is_revoked(account: Account) -> None:
    """The callers change to the new one in between."""
    old = account.keys.add("ann")
    account.keys.rotate(old.key_id)
    assert account.key(old.key_id)["enabled"]
    account.keys.revoke(old.key_id)
    assert not account.key(old.key_id)["enabled"]


def test_a_revoked_key_can_be_rotated(account: Account) -> None:
    """A leaked key is revoked first, and its owner's tasks are not lost."""
    leaked = account.keys.add("ann")
    account.keys.revoke(leaked.key_id)
    new = account.keys.rotate(leaked.key_id)
    assert (new.owner, account.key(new.key_id)["enabled"]) == (leaked.owner, True)


def test_a_key_that_is_revoked_twice_is_deleted(account: Account) -> None:
    key = account.keys.add("ann")
    assert [account.keys.revoke(key.key_id) for _ in range(2)] == ["disabled", "deleted"]
    with pytest.raises(ClientError, match="NotFoundException"):
        account.key(key.key_id)


def test_the_key_of_the_stack_is_never_deleted(account: Account) -> None:
    """CloudFormation would miss it."""
    for _ in range(3):
        assert account.keys.revoke(account.first_key) == "disabled"
    assert not account.key(account.first_key)["enabled"]


@pytest.mark.parametrize("length", [MAX_ROTATABLE, MAX_ROTATABLE + 1])
def test_a_key_without_room_for_a_random_part_cannot_be_rotated(
    account: Account, length: int
) -> None:
    """API Gateway allows 128 characters. Only a key that was chosen by hand can be too long."""
    by_hand = account.created(name="by hand", enabled=True, value="a" * length)
    account.attach(by_hand)
    if length == MAX_ROTATABLE:
        assert len(account.keys.rotate(by_hand).value) == 128
    else:
        with pytest.raises(KeyTooLong, match="82 characters"):
            account.keys.rotate(by_hand)


@pytest.mark.parametrize("method", [ApiKeys.rotate, ApiKeys.revoke])
def test_keys_of_others_are_not_found(
    account: Account, method: Callable[[ApiKeys, str], object]
) -> None:
    """A key of another stack, a key without a stack, and no key at all."""
    outside = account.created(name="outside", enabled=True)
    for key_id in (account.stranger(), outside, "missing", "../apikeys", " "):
        with pytest.raises(KeyUnknown, match=r"^barback-dev has no key with this ID"):
            method(account.keys, key_id)
    assert account.key(outside)["enabled"]


def test_the_list_has_the_keys_of_this_stack_only(account: Account) -> None:
    account.stranger()
    new = account.keys.add("ann")
    account.keys.revoke(new.key_id)
    listed = {key.key_id: key for key in account.keys.listed()}
    assert listed.keys() == {account.first_key, new.key_id}
    assert (listed[new.key_id].name, listed[new.key_id].owner) == ("ann", new.owner)
    assert [listed[key].is_enabled for key in (account.first_key, new.key_id)] == [True, False]


class DeniedGateway:
    """API Gateway for an operator who may not call some operations."""

    def __init__(self, gateway: Any, *denied: str) -> None:
        self._gateway = gateway
        self._denied = denied

    def __getattr__(self, name: str) -> Any:
        if name in self._denied:
            error: Any = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
            raise ClientError(error, name)
        return getattr(self._gateway, name)


def test_a_key_that_cannot_join_the_usage_plan_is_deleted(account: Account) -> None:
    denied = DeniedGateway(account.gateway, "create_usage_plan_key")
    before = len(account.gateway.get_api_keys()["items"])
    with pytest.raises(ClientError, match="AccessDenied"):
        ApiKeys(denied, account.deployment, numbered_texts()).add("ann")
    assert len(account.gateway.get_api_keys()["items"]) == before


def test_the_first_error_is_raised_if_the_deletion_fails_too(account: Account) -> None:
    """A key outside the usage plan does no harm, because the gateway refuses it."""
    denied = DeniedGateway(account.gateway, "create_usage_plan_key", "delete_api_key")
    with pytest.raises(ClientError, match="create_usage_plan_key"):
        ApiKeys(denied, account.deployment, numbered_texts()).add("ann")


def test_the_representation_of_a_new_key_does_not_contain_its_value() -> None:
    assert "hush-hush" not in repr(NewKey("id", "ann", "hush-hush"))
