"""Which versions of the functions `make deploy` deletes afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deploy.versions import Versions, prune_versions, read_versions

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def lambda_(moto: None) -> Any:  # noqa: ARG001 - the client is one of moto
    return boto3.client("lambda", region_name="eu-west-1")


def code(content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("handler.py", content)
    return file.getvalue()


def create(lambda_: Any, name: str, versions: int) -> None:
    """Create a function with so many versions."""
    role = boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role["Arn"],
        Handler="handler.handler",
        Code={"ZipFile": code("0")},
    )
    for version in range(1, versions + 1):
        lambda_.update_function_code(FunctionName=name, ZipFile=code(str(version)))
        lambda_.publish_version(FunctionName=name)


def alias(lambda_: Any, name: str, version: int, weighted: int | None = None) -> None:
    """Point the alias to a version, and a tenth of the traffic to another one."""
    weights = {str(weighted): 0.1} if weighted else {}
    lambda_.create_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion=str(version),
        RoutingConfig={"AdditionalVersionWeights": weights},
    )


def published(lambda_: Any, name: str) -> set[int]:
    return set(read_versions(lambda_, name).published)


def prune(lambda_: Any, *names: str, keep: int = 2) -> list[str]:
    """Prune, and return what was printed."""
    printed: list[str] = []
    prune_versions(lambda_, names, keep, printed.append)
    return printed


def test_the_used_version_and_the_previous_ones_are_kept(lambda_: Any) -> None:
    create(lambda_, "api", 5)
    alias(lambda_, "api", 5)
    printed = prune(lambda_, "api")
    assert published(lambda_, "api") == {3, 4, 5}
    assert printed == ["Deleted the old version 1 of api.", "Deleted the old version 2 of api."]
    assert prune(lambda_, "api") == []


@pytest.mark.parametrize(("main", "weighted"), [(3, 5), (5, 3)])
def test_both_versions_are_kept_while_traffic_shifts(
    lambda_: Any, main: int, weighted: int
) -> None:
    """CodeDeploy gives the alias a second version."""
    create(lambda_, "api", 5)
    alias(lambda_, "api", main, weighted)
    prune(lambda_, "api", keep=0)
    assert published(lambda_, "api") == {3, 4, 5}


def test_after_an_alias_was_moved_back_newer_versions_are_kept(lambda_: Any) -> None:
    """The newest one is the stack's own resource."""
    create(lambda_, "api", 5)
    alias(lambda_, "api", 3)
    prune(lambda_, "api", keep=1)
    assert published(lambda_, "api") == {2, 3, 4, 5}


def test_no_previous_version_needs_to_be_kept(lambda_: Any) -> None:
    create(lambda_, "api", 3)
    alias(lambda_, "api", 3)
    prune(lambda_, "api", keep=0)
    assert published(lambda_, "api") == {3}


def test_a_function_without_an_alias_keeps_everything(lambda_: Any) -> None:
    create(lambda_, "reaper", 3)
    assert prune(lambda_, "reaper", keep=0) == []
    assert published(lambda_, "reaper") == {1, 2, 3}


def test_an_alias_of_the_latest_code_is_no_version() -> None:
    latest = {"Aliases": [{"FunctionVersion": "$LATEST"}]}
    assert read_versions(Pages(latest), "api").in_use == frozenset()


@pytest.mark.parametrize("keep", [0, 1, 2, 99])
def test_no_used_version_is_ever_deleted(keep: int) -> None:
    used = frozenset({3, 7})
    assert not used & set(Versions(frozenset(range(1, 10)), used).to_delete(keep))


class Pages:
    """A function whose versions 1 to 4 are published, and of which AWS refuses some deletions."""

    def __init__(
        self, aliases: Any = None, *, refused: str = "", error: Exception | None = None
    ) -> None:
        self.aliases = aliases or {"Aliases": [{"FunctionVersion": "4"}]}
        self.refused, self.error = refused, error
        self.deleted: list[str] = []

    def get_paginator(self, name: str) -> Any:
        if self.error is not None:
            raise self.error
        self.pages = {
            "list_versions_by_function": [
                {"Versions": [{"Version": "$LATEST"}, {"Version": "1"}, {"Version": "2"}]},
                {"Versions": [{"Version": "3"}, {"Version": "4"}]},
            ],
            "list_aliases": [{"Aliases": []}, self.aliases],
        }[name]
        return self

    def paginate(self, **_: str) -> Any:
        return self.pages

    def delete_function(self, **call: str) -> None:
        if call["Qualifier"] == self.refused:
            raise ClientError({"Error": {"Code": "ResourceConflictException"}}, "DeleteFunction")
        self.deleted.append(call["Qualifier"])


def test_all_pages_of_versions_and_aliases_are_read() -> None:
    function = Pages()
    prune(function, "api", keep=1)
    assert function.deleted == ["1", "2"]


def test_a_version_that_cannot_be_deleted_is_a_warning() -> None:
    """The other ones are deleted."""
    function = Pages(refused="1")
    first, second = prune(function, "api", keep=1)
    assert first.startswith("Warning: version 1 of api was not deleted. DeleteFunction failed")
    assert second == "Deleted the old version 2 of api."
    assert function.deleted == ["2"]


def test_versions_that_may_not_be_listed_are_a_warning() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListVersionsByFunction")
    [line] = prune(Pages(error=denied), "api")
    assert line == (
        "Warning: old versions of api were not deleted. The credentials do not permit "
        "ListVersionsByFunction. Add it to their permissions."
    )
