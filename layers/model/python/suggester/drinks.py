"""The validation of a drink: from the JSON that a caller sent to a request in ids.

The API validates requests with it, and the worker the lines of documents, so that both refuse the
same drinks with the same messages.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from suggester.errors import DrinkInvalid, FieldError, IngredientsUnknown
from suggester.kinds import KINDS
from suggester.requests import (
    MAX_FILTER,
    MAX_INGREDIENTS,
    MAX_NAME,
    MAX_TOP_K,
    SEPARATOR,
    Request,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from suggester.vocabulary import Vocabulary

FIELDS: Final = frozenset({"ingredients", "kind", "top_k", "length", "exclude", "only"})
SPELLINGS: Final = 8192  # spellings whose ids are cached

# Control characters and lone surrogates come from a broken client. A terminal would obey the
# former, and the latter cannot be encoded.
_NAME: Final = re.compile(r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]+")
_NAME_RULE: Final = f"a name must have 1 to {MAX_NAME} characters and no control characters"


def split_names(text: str) -> list[str]:
    """Return the names in a text with `;` between them, without blank ones."""
    return [name for part in text.split(SEPARATOR) if (name := part.strip())]


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
    if type(value) in (int, float) and value >= 1 and value % 1 == 0:  # noqa: SIM102 - readable
        if maximum is None or value <= maximum:
            return []
    limit = "that is at least 1" if maximum is None else f"from 1 to {maximum}"
    return [FieldError(at, f"must be a whole number {limit}")]


def _check_names(maximum: int) -> Callable[[str, Any], list[FieldError]]:
    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, list):
            return [FieldError(at, "must be a list of names")]
        if len(value) > maximum:
            return [FieldError(at, f"must have at most {maximum} names")]
        return [
            FieldError(f"{at}[{index}]", _NAME_RULE)
            for index, name in enumerate(value)
            if not _is_name(name)
        ]

    return check


def _is_name(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    stripped = name.strip()
    return len(stripped) <= MAX_NAME and _NAME.fullmatch(stripped) is not None


def _check_only(at: str, value: Any) -> list[FieldError]:
    return [] if value is None else _check_names(MAX_FILTER)(at, value)


def _check_kind(at: str, value: Any) -> list[FieldError]:
    is_known = isinstance(value, str) and value in KINDS
    return [] if is_known else [FieldError(at, f"must be one of {', '.join(KINDS)}")]


_CHECKS: Final[dict[str, Callable[[str, Any], list[FieldError]]]] = {
    "ingredients": _check_names(MAX_INGREDIENTS),
    "kind": _check_kind,
    "top_k": lambda at, value: check_whole_number(at, value, MAX_TOP_K),
    "length": lambda at, value: check_whole_number(at, value, MAX_INGREDIENTS),
    "exclude": _check_names(MAX_FILTER),
    "only": _check_only,
}


class DrinkReader:
    """Turns drinks whose form is right into requests.

    Args:
        vocabulary: the names that are known.
        defaults: the options of drinks that do not have their own. Exclusions add up.
        ignore_unknown: drop unknown names, except those to exclude, which may be allergies.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        defaults: Request | None = None,
        *,
        ignore_unknown: bool = False,
    ) -> None:
        self._vocabulary = vocabulary
        self._defaults = defaults or Request()
        self._ignore_unknown = ignore_unknown
        self._id_of = lru_cache(SPELLINGS)(self._find)

    def read(self, drink: Any) -> Request:
        """Return the request of a drink.

        Raises:
            DrinkInvalid: the form of the drink is wrong, or a name is unknown.
        """
        if errors := check_drink(drink):
            raise DrinkInvalid(errors)
        return self.resolve(drink)

    def read_names(self, names: list[Any]) -> Request:
        """Return the request of a drink that is only a list of names.

        A known name has the right form, so most lists need no further checks.

        Raises:
            DrinkInvalid: the form of the list is wrong.
            IngredientsUnknown: a name is unknown.
        """
        try:
            ids = {self._id_of(name) for name in names}
        except TypeError:  # something in the list is not hashable
            ids = {None}
        if None in ids or len(names) > MAX_INGREDIENTS:
            return self.read({"ingredients": names})
        known = tuple(sorted(filter(None, ids)))
        plain = self._defaults
        request = Request(known, plain.kind, plain.top_k, plain.length, plain.exclude, plain.only)
        return self._with_room_to_grow(request)

    def resolve(self, drink: dict[str, Any]) -> Request:
        """Return the request of a drink whose form is known to be right.

        Raises:
            IngredientsUnknown: a name is unknown.
            DrinkInvalid: the drink is already as long as it should become.
        """
        defaults = self._defaults
        self._refuse_unknown(drink)
        request = Request(
            ingredients=self._ids(drink.get("ingredients", ())),
            kind=drink.get("kind", defaults.kind),
            top_k=int(drink.get("top_k", defaults.top_k)),
            length=int(drink.get("length", defaults.length)),
            exclude=self._with_default_exclusions(drink.get("exclude", ())),
            only=self._only(drink),
        )
        return self._with_room_to_grow(request)

    def _with_room_to_grow(self, request: Request) -> Request:
        """Return the request, unless its drink is already as long as it should become."""
        if request.kind == "complete" and request.length <= len(request.ingredients):
            detail = f"must be greater than the {len(request.ingredients)} ingredients given"
            raise DrinkInvalid([FieldError("length", detail)])
        return request

    def _with_default_exclusions(self, names: Iterable[str]) -> tuple[str, ...]:
        if not names:
            return self._defaults.exclude
        return tuple(sorted({*self._defaults.exclude, *self._ids(names)}))

    def _only(self, drink: dict[str, Any]) -> tuple[str, ...] | None:
        if "only" not in drink:
            return self._defaults.only
        names = drink["only"]
        return None if names is None else self._ids(names)

    def _refuse_unknown(self, drink: dict[str, Any]) -> None:
        checked = ("exclude",) if self._ignore_unknown else ("ingredients", "exclude", "only")
        names = [name for field in checked for name in drink.get(field) or ()]
        unknown = [name for name in names if self._id_of(name) is None]
        if unknown:
            raise IngredientsUnknown(list(dict.fromkeys(unknown)))

    def _ids(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of the known names, sorted, each once."""
        return tuple(sorted({found for name in names if (found := self._id_of(name)) is not None}))

    def _find(self, name: Any) -> str | None:
        found = self._vocabulary.find(name) if _is_name(name) else None
        return None if found is None else found.id


def describe_unknown(nearest: dict[str, list[str]]) -> str:
    """Return a sentence for each unknown name, given the names that are most similar to it."""
    return " ".join(
        f"{name!r} is not known; did you mean {' or '.join(similar)}?"
        if similar
        else f"{name!r} is not known."
        for name, similar in nearest.items()
    )
