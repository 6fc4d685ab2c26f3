"""The form of a drink: which fields it may have, and which values they may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suggester.errors import FieldError
from suggester.groups import PREFIX, is_group
from suggester.kinds import KINDS
from suggester.names import NAME_RULE, is_name
from suggester.requests import MAX_FILTER, MAX_INGREDIENTS, MAX_NAME, MAX_TOP_K, is_novelty

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP_RULE: Final = f"a group, such as {PREFIX}dairy, is allowed in exclude only"

FIELDS: Final = frozenset({"ingredients", "kind", "top_k", "length", "novelty", "exclude", "only"})


def check_drink(drink: Any, fields: frozenset[str] = FIELDS) -> list[FieldError]:
    """Return what is wrong with the form of a drink; `fields` are the names that it may have."""
    if not isinstance(drink, dict):
        return [FieldError("", 'send a drink as an object, such as {"ingredients": ["milk"]}')]
    errors = [
        FieldError(_printable(name), "there is no such field here")
        for name in drink
        if name not in fields
    ]
    for name, check in _CHECKS.items():
        if name in drink and name in fields:
            errors += check(name, drink[name])
    return errors


def _printable(name: str) -> str:
    return name[:MAX_NAME].encode(errors="replace").decode()


def check_whole_number(at: str, value: Any, maximum: int | None = None) -> list[FieldError]:
    """Return an error unless the value is a whole number from 1 to the maximum; 5.0 is one."""
    is_whole = type(value) in (int, float) and value >= 1 and value % 1 == 0
    if is_whole and (maximum is None or value <= maximum):
        return []
    limit = "that is at least 1" if maximum is None else f"from 1 to {maximum}"
    return [FieldError(at, f"must be a whole number {limit}")]


def _check_names(
    maximum: int, name_error: Callable[[Any], str]
) -> Callable[[str, Any], list[FieldError]]:
    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, list):
            return [FieldError(at, "must be a list of names")]
        if len(value) > maximum:
            return [FieldError(at, f"must have at most {maximum} names")]
        return [
            FieldError(f"{at}[{index}]", error)
            for index, name in enumerate(value)
            if (error := name_error(name))
        ]

    return check


def _exclusion_error(name: Any) -> str:
    return "" if is_name(name) else NAME_RULE


def _ingredient_error(name: Any) -> str:
    return _exclusion_error(name) or (GROUP_RULE if is_group(name) else "")


def _check_only(at: str, value: Any) -> list[FieldError]:
    return [] if value is None else _check_names(MAX_FILTER, _ingredient_error)(at, value)


def _check_kind(at: str, value: Any) -> list[FieldError]:
    is_known = isinstance(value, str) and value in KINDS
    return [] if is_known else [FieldError(at, f"must be one of {', '.join(KINDS)}")]


def _check_length(at: str, value: Any) -> list[FieldError]:
    return [] if value is None else check_whole_number(at, value, MAX_INGREDIENTS)


def _check_novelty(at: str, value: Any) -> list[FieldError]:
    return [] if is_novelty(value) else [FieldError(at, "must be a number from 0 to 1")]


_CHECKS: Final[dict[str, Callable[[str, Any], list[FieldError]]]] = {
    "ingredients": _check_names(MAX_INGREDIENTS, _ingredient_error),
    "kind": _check_kind,
    "top_k": lambda at, value: check_whole_number(at, value, MAX_TOP_K),
    "length": _check_length,
    "novelty": _check_novelty,
    "exclude": _check_names(MAX_FILTER, _exclusion_error),
    "only": _check_only,
}
