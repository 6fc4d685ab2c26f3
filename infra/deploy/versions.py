"""Deletes old versions of the stack's functions.

SnapStart charges for every published version of the API function until the version is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.errors import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LATEST: Final = "$LATEST"  # the code that can still change; it is no version


@dataclass(frozen=True)
class Versions:
    """The published versions of a function, and those that an alias sends traffic to."""

    published: frozenset[int]
    in_use: frozenset[int]

    def to_delete(self, keep: int) -> list[int]:
        """Return the versions that are older than every used one, except the newest `keep`.

        A newer version than the used one is the stack's own: an operator has moved the alias back.
        """
        if not self.in_use:
            return []
        older = sorted(version for version in self.published if version < min(self.in_use))
        return older[: max(0, len(older) - keep)]


def prune_versions(
    lambda_: Any, functions: Iterable[str], keep: int, echo: Callable[[str], None]
) -> None:
    """Delete the old versions of the functions; an error is printed as a warning."""
    for function in functions:
        try:
            old = read_versions(lambda_, function).to_delete(keep)
        except (BotoCoreError, ClientError) as error:
            echo(f"Warning: old versions of {function} were not deleted. {explain(error)}")
            continue
        for version in old:
            _delete(lambda_, function, version, echo)


def read_versions(lambda_: Any, function: str) -> Versions:
    """Return the versions of a function."""
    pages = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    published = {item["Version"] for page in pages for item in page["Versions"]}
    pages = lambda_.get_paginator("list_aliases").paginate(FunctionName=function)
    in_use = {version for page in pages for alias in page["Aliases"] for version in _targets(alias)}
    return Versions(_numbers(published), _numbers(in_use))


def _delete(lambda_: Any, function: str, version: int, echo: Callable[[str], None]) -> None:
    try:
        # Without a qualifier, this call deletes the whole function.
        lambda_.delete_function(FunctionName=function, Qualifier=str(version))
    except (BotoCoreError, ClientError) as error:
        echo(f"Warning: version {version} of {function} was not deleted. {explain(error)}")
    else:
        echo(f"Deleted the old version {version} of {function}.")


def _targets(alias: Any) -> Iterator[str]:
    """Yield the versions of an alias: two while CodeDeploy shifts traffic."""
    yield alias["FunctionVersion"]
    yield from (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or ()


def _numbers(versions: Iterable[str]) -> frozenset[int]:
    return frozenset(int(version) for version in versions if version != LATEST)
