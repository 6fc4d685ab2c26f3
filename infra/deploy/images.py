"""Deletes the images of old versions from the repositories that sam created for the stack.

A lifecycle policy knows only how many images there are and how old they are. After an old commit
has been deployed again, it would delete the image in use, and Lambda fails a function whose image
is gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.errors import explain
from infra.deploy.versions import LATEST, read_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

# Another deployment may have pushed an image that no function uses yet.
MINIMUM_AGE: Final = timedelta(days=1)
OWNER_TAG: Final = "AwsSamCliCompanionStack"  # sam tags its repositories with its stack's name
MAX_DELETIONS: Final = 100  # for each call of ECR
URI: Final = re.compile(r"[^/]+/(?P<repository>[^:@]+)(:(?P<tag>[^@]+))?(@(?P<digest>.+))?")


@dataclass(frozen=True)
class Image:
    """An image that a version of a function uses, by tag or by digest."""

    repository: str
    reference: str


def prune_images(
    lambda_: Any,
    ecr: Any,
    stack_name: str,
    functions: Iterable[str],
    now: datetime,
    echo: Callable[[str], None],
) -> None:
    """Delete the images that no version of the functions uses; an error is printed as a warning."""
    try:
        used = {image for function in functions for image in used_images(lambda_, function)}
        for repository in sorted({image.repository for image in used}):
            if _belongs_to(ecr, repository, stack_name):
                references = {image.reference for image in used if image.repository == repository}
                unused = _unused_digests(ecr, repository, references, now - MINIMUM_AGE)
                _delete(ecr, repository, unused, echo)
    except (BotoCoreError, ClientError) as error:
        echo(f"Warning: unused images were not deleted. {explain(error)}")


def used_images(lambda_: Any, function: str) -> Iterator[Image]:
    """Yield the images of a function's versions; none if the function is a zip file."""
    versions = sorted(read_versions(lambda_, function).published)
    for qualifier in (LATEST, *map(str, versions)):
        code = lambda_.get_function(FunctionName=function, Qualifier=qualifier)["Code"]
        for name in ("ImageUri", "ResolvedImageUri"):
            if found := URI.fullmatch(code.get(name) or ""):
                yield Image(found["repository"], found["digest"] or found["tag"] or "latest")


def _belongs_to(ecr: Any, repository: str, stack_name: str) -> bool:
    """Whether sam created the repository for this stack, and for no other purpose."""
    [found] = ecr.describe_repositories(repositoryNames=[repository])["repositories"]
    tags = ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    owner = rf"{re.escape(stack_name[:104])}-[0-9a-f]{{8}}-CompanionStack"
    return any(tag["Key"] == OWNER_TAG and re.fullmatch(owner, tag["Value"]) for tag in tags)


def _unused_digests(
    ecr: Any, repository: str, references: set[str], pushed_before: datetime
) -> list[str]:
    pages = ecr.get_paginator("describe_images").paginate(
        repositoryName=repository, filter={"tagStatus": "TAGGED"}
    )
    return [
        image["imageDigest"]
        for page in pages
        for image in page["imageDetails"]
        if image["imagePushedAt"] < pushed_before
        and references.isdisjoint({image["imageDigest"], *image["imageTags"]})
    ]


def _delete(ecr: Any, repository: str, digests: list[str], echo: Callable[[str], None]) -> None:
    for start in range(0, len(digests), MAX_DELETIONS):
        some = [{"imageDigest": digest} for digest in digests[start : start + MAX_DELETIONS]]
        answer = ecr.batch_delete_image(repositoryName=repository, imageIds=some)
        deleted = {image["imageDigest"] for image in answer["imageIds"]}
        if deleted:
            echo(f"Deleted {len(deleted)} unused images from {repository}.")
        for failure in answer["failures"]:
            echo(f"Warning: an image in {repository} was not deleted: {failure['failureReason']}.")
