"""Allergen groups: what ingredients contain, and how a request excludes all that contain it.

A request has `group:dairy` among its exclusions, and the model that answers replaces the group by
the ingredients in it. So a message that waits in a queue while the model is replaced is answered
with the data of the new model, or refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from suggester.errors import RequestInvalid
from suggester.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX: Final = "group:"
_GROUP: Final = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@lru_cache(4096)
def is_group(name: str) -> bool:
    """Whether a name in a request is that of a group. No ingredient has such a name."""
    return normalise(name).startswith(PREFIX)


def is_group_id(value: Any) -> bool:
    """Whether the data of an ingredient may name a group like this."""
    return isinstance(value, str) and _GROUP.fullmatch(value) is not None


def members_by_group(contains: Mapping[str, Iterable[str] | None]) -> dict[str, frozenset[str]]:
    """Return the ids in each group, sorted by the group's name with its prefix.

    Args:
        contains: the groups of each id; None for an id without data, which is in every group.
    """
    without_data = frozenset(found for found, groups in contains.items() if groups is None)
    members: dict[str, set[str]] = {}
    for found, groups in contains.items():
        for group in groups or ():
            members.setdefault(PREFIX + group, set()).add(found)
    return {group: without_data | members[group] for group in sorted(members)}


def expand(exclude: Iterable[str], groups: Mapping[str, frozenset[str]]) -> set[str]:
    """Return the ids in `exclude`, and those that its groups contain.

    Raises:
        RequestInvalid: there is no such group.
    """
    ids: set[str] = set()
    for name in exclude:
        if not name.startswith(PREFIX):
            ids.add(name)
        elif name in groups:
            ids |= groups[name]
        else:
            raise RequestInvalid("A group is not in this model's vocabulary.")
    return ids
