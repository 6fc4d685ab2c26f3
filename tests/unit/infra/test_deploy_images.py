"""Which images of the workers `make deploy` deletes afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.deploy.images import Image, prune_images, used_images

if TYPE_CHECKING:
    from collections.abc import Callable

STACK = "barback-dev"
OWNER = "barback-dev-0123abcd-CompanionStack"
REPOSITORY = "barbackdev0123abcd/workerfunction4567repo"
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.fixture
def ecr(moto: None) -> Any:  # noqa: ARG001 - the client is one of moto
    return boto3.client("ecr", region_name="eu-west-1")


def push(ecr: Any, *tags: str, repository: str = REPOSITORY, owner: str = OWNER) -> list[str]:
    """Push an image for each tag into a repository of the stack; return their digests."""
    tag = {"Key": "AwsSamCliCompanionStack", "Value": owner}
    ecr.create_repository(repositoryName=repository, tags=[tag] if owner else [])
    return [
        ecr.put_image(
            repositoryName=repository,
            # moto computes the digest from the layers.
            imageManifest=json.dumps({"schemaVersion": 2, "layers": [{"digest": tag}]}),
            imageManifestMediaType="application/vnd.docker.distribution.manifest.v2+json",
            imageTag=tag,
        )["image"]["imageId"]["imageDigest"]
        for tag in tags
    ]


def present(ecr: Any, repository: str = REPOSITORY) -> set[str]:
    images = ecr.describe_images(repositoryName=repository)["imageDetails"]
    return {tag for image in images for tag in image["imageTags"]}


class Lambda:
    """Functions with an image for each version; the last one is that of the latest code."""

    def __init__(self, functions: dict[str, list[dict[str, str]]]) -> None:
        self.functions = functions

    def get_paginator(self, name: str) -> Any:
        self.listed = name
        return self

    def paginate(self, **call: str) -> Any:
        if self.listed == "list_aliases":
            return [{"Aliases": []}]
        count = len(self.functions[call["FunctionName"]])
        return [{"Versions": [{"Version": str(number)} for number in range(1, count)]}]

    def get_function(self, **call: str) -> Any:
        versions = self.functions[call["FunctionName"]]
        return {"Code": versions[-1 if call["Qualifier"] == "$LATEST" else int(call["Qualifier"])]}


class Deleting:
    """Another ECR, in which a function deletes images."""

    def __init__(self, ecr: Any, delete: Callable[[list[dict[str, str]]], Any]) -> None:
        self.ecr, self.delete = ecr, delete

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ecr, name)

    def batch_delete_image(self, **call: Any) -> Any:
        return self.delete(call["imageIds"])


def tagged(*tags: str) -> list[dict[str, str]]:
    return [{"ImageUri": f"{REGISTRY}/{REPOSITORY}:{tag}"} for tag in tags]


def prune(ecr: Any, lambda_: Any, *, days: int = 2) -> list[str]:
    """Prune so many days from now, and return what was printed."""
    printed: list[str] = []
    now = datetime.now(UTC) + timedelta(days=days)
    prune_images(lambda_, ecr, STACK, lambda_.functions, now, printed.append)
    return printed


def test_an_image_that_no_version_uses_is_deleted(ecr: Any) -> None:
    push(ecr, "old", "previous", "live")
    lambda_ = Lambda({"worker": tagged("unlisted", "previous", "live")})
    assert prune(ecr, lambda_) == [f"Deleted 1 unused images from {REPOSITORY}."]
    assert present(ecr) == {"previous", "live"}
    assert prune(ecr, lambda_) == []


def test_an_image_is_used_by_its_digest_too(ecr: Any) -> None:
    _, live = push(ecr, "old", "live")
    resolved = {"ResolvedImageUri": f"{REGISTRY}/{REPOSITORY}@{live}"}
    prune(ecr, Lambda({"worker": [resolved]}))
    assert present(ecr) == {"live"}


def test_the_oldest_image_is_kept_if_it_is_used(ecr: Any) -> None:
    """An old commit was deployed again. A lifecycle policy would delete this image."""
    push(ecr, "rolled-back", *map(str, range(20)))
    prune(ecr, Lambda({"worker": tagged("rolled-back")}))
    assert present(ecr) == {"rolled-back"}


def test_an_image_that_was_pushed_in_the_last_day_is_kept(ecr: Any) -> None:
    """Another deployment may be about to use it."""
    push(ecr, "new", "live")
    assert prune(ecr, Lambda({"worker": tagged("live")}), days=0) == []
    assert present(ecr) == {"new", "live"}


@pytest.mark.parametrize(
    "owner",
    ["", "barback-0123abcd-CompanionStack", "barback-dev-2-0123abcd-CompanionStack", "other"],
)
def test_a_repository_that_sam_did_not_create_for_the_stack_is_left_alone(
    ecr: Any, owner: str
) -> None:
    """samconfig.toml may name a repository that others use."""
    push(ecr, "old", "live", owner=owner)
    assert prune(ecr, Lambda({"worker": tagged("live")})) == []
    assert present(ecr) == {"old", "live"}


def test_two_functions_may_share_a_repository(ecr: Any) -> None:
    push(ecr, "old", "a", "b")
    prune(ecr, Lambda({"worker": tagged("a"), "document": tagged("b")}))
    assert present(ecr) == {"a", "b"}


def test_each_repository_loses_its_own_images_only(ecr: Any) -> None:
    """The same tag may be used in one of them and unused in the other."""
    push(ecr, "1", "2")
    push(ecr, "1", "2", repository="second")
    second = [{"ImageUri": f"{REGISTRY}/second:2"}]
    prune(ecr, Lambda({"worker": tagged("1"), "document": second}))
    assert (present(ecr), present(ecr, "second")) == ({"1"}, {"2"})


def test_many_images_are_deleted_with_several_calls(ecr: Any) -> None:
    """ECR takes a hundred at once."""
    sizes = []

    def delete(images: list[dict[str, str]]) -> Any:
        sizes.append(len(images))
        return {"imageIds": images, "failures": []}

    push(ecr, "live", *map(str, range(150)))
    prune(Deleting(ecr, delete), Lambda({"worker": tagged("live")}))
    assert sizes == [100, 50]


def test_a_zip_file_has_no_image() -> None:
    """Its code has a link with a signature, which is not printed."""
    code = {"RepositoryType": "S3", "Location": "https://bucket/key?X-Amz-Signature=secret"}
    assert list(used_images(Lambda({"api": [code]}), "api")) == []


@pytest.mark.parametrize(
    ("uri", "image"),
    [
        (f"{REGISTRY}/a/b:tag", Image("a/b", "tag")),
        (f"{REGISTRY}/a/b@sha256:12", Image("a/b", "sha256:12")),
        (f"{REGISTRY}/a/b:tag@sha256:12", Image("a/b", "sha256:12")),
        (f"{REGISTRY}/a/b", Image("a/b", "latest")),
    ],
)
def test_a_uri_names_repository_and_image(uri: str, image: Image) -> None:
    assert list(used_images(Lambda({"worker": [{"ImageUri": uri}]}), "worker")) == [image]


def test_images_that_may_not_be_read_are_a_warning(ecr: Any) -> None:
    """Nothing is deleted if a version's image is unknown."""

    class Denied(Lambda):
        def get_function(self, **call: str) -> Any:
            if call["Qualifier"] != "$LATEST":
                raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetFunction")
            return super().get_function(**call)

    push(ecr, "old", "live")
    [line] = prune(ecr, Denied({"worker": tagged("unlisted", "live", "live")}))
    assert line.startswith("Warning: unused images were not deleted.")
    assert present(ecr) == {"old", "live"}


def test_an_image_that_ecr_does_not_delete_is_a_warning(ecr: Any) -> None:
    answer = {"imageIds": [], "failures": [{"failureReason": "it is locked"}]}
    push(ecr, "old", "live")
    printed = prune(Deleting(ecr, lambda _: answer), Lambda({"worker": tagged("live")}))
    assert printed == [f"Warning: an image in {REPOSITORY} was not deleted: it is locked."]
