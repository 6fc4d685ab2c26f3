"""The names in a drink: from the JSON that a caller sent to a request in ids."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pipelines.errors import FieldError, InputInvalid
from suggester.errors import IngredientsUnknown
from suggester.groups import is_group
from suggester.names import is_name
from suggester.requests import MAX_INGREDIENTS, SEPARATOR, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from suggester.vocabulary import Vocabulary

SPELLINGS: Final = 8192  # spellings whose ids are cached


def split_names(text: str) -> list[str]:
    """Return the names in a text with `;` between them, without blank ones."""
    return [name for part in text.split(SEPARATOR) if (name := part.strip())]


class DrinkReader:
    """Turns drinks whose form is right into requests.

    Args:
        vocabulary: the names that are known.
        defaults: the options of drinks that do not have their own. Exclusions add up.
        ignore_unknown: drop unknown names, except those to exclude, which may be allergies.
        without_drinks: read only options; the drinks that they must suit come later.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        defaults: Request | None = None,
        *,
        ignore_unknown: bool = False,
        without_drinks: bool = False,
    ) -> None:
        self._vocabulary = vocabulary
        self._without_drinks = without_drinks
        self._defaults = defaults or Request()
        self._ignore_unknown = ignore_unknown
        self._id_of = lru_cache(SPELLINGS)(self._find)
        self._exclusion_of = lru_cache(SPELLINGS)(self._find_exclusion)

    def resolve_names(self, names: list[Any], kind: str) -> Request | None:
        """Return the request of a drink that is only a list of names.

        A known name has the right form, so most lists need no further checks. The others, for
        which None is returned, do.

        Raises:
            InputInvalid: the drink is already as long as it should become.
        """
        try:
            ids = {self._id_of(name) for name in names}
        except TypeError:  # something in the list is not hashable
            ids = {None}
        if None in ids or len(names) > MAX_INGREDIENTS:
            return None
        known = tuple(sorted(filter(None, ids)))
        plain = self._defaults
        request = Request(
            known,
            kind,
            plain.top_k,
            plain.length,
            plain.exclude,
            plain.only,
            plain.novelty,
            ingredient=plain.ingredient,
            because=plain.because,
        )
        return self._checked(request)

    def resolve(self, drink: dict[str, Any], kind: str) -> Request:
        """Return the request of a drink whose form is known to be right.

        Raises:
            IngredientsUnknown: a name is unknown.
            InputInvalid: the drink is already as long as it should become.
        """
        defaults = self._defaults
        self._refuse_unknown(drink)
        request = Request(
            ingredients=_sorted_ids(drink.get("ingredients", ()), self._id_of),
            kind=kind,
            top_k=int(drink.get("top_k", defaults.top_k)),
            length=None
            if (length := drink.get("length", defaults.length)) is None
            else int(length),
            exclude=self._with_default_exclusions(drink.get("exclude", ())),
            only=self._only(drink),
            novelty=float(drink.get("novelty", defaults.novelty)),
            text=drink.get("text", defaults.text),
            ingredient=self._replaced(drink),
            because=drink.get("because", defaults.because),
        )
        return self._checked(request)

    def _replaced(self, drink: dict[str, Any]) -> str | None:
        name = drink.get("ingredient")
        return self._defaults.ingredient if name is None else self._id_of(name)

    def _checked(self, request: Request) -> Request:
        """Return the request, unless its fields contradict each other."""
        if self._without_drinks:
            return request
        if request.text is not None and request.ingredients:
            detail = "cannot be combined with ingredients; send one of the two"
            raise InputInvalid([FieldError("text", detail)])
        is_missing = request.ingredient not in (None, *request.ingredients)
        if is_missing and request.kind == "substitute":
            raise InputInvalid([FieldError("ingredient", "must be one of the ingredients")])
        return self._with_room_to_grow(request)

    def _with_room_to_grow(self, request: Request) -> Request:
        """Return the request, unless its drink is already as long as it should become."""
        given = len(request.ingredients)
        if request.kind != "complete" or given < (request.length or MAX_INGREDIENTS):
            return request
        if request.length is None:
            detail = f"must have fewer than {MAX_INGREDIENTS} names, so that one can be added"
            raise InputInvalid([FieldError("ingredients", detail)])
        detail = f"must be greater than the {given} ingredients given"
        raise InputInvalid([FieldError("length", detail)])

    def _with_default_exclusions(self, names: Iterable[str]) -> tuple[str, ...]:
        if not names:
            return self._defaults.exclude
        return tuple(sorted({*self._defaults.exclude, *_sorted_ids(names, self._exclusion_of)}))

    def _only(self, drink: dict[str, Any]) -> tuple[str, ...] | None:
        if "only" not in drink:
            return self._defaults.only
        names = drink["only"]
        return None if names is None else _sorted_ids(names, self._id_of)

    def _refuse_unknown(self, drink: dict[str, Any]) -> None:
        checked = () if self._ignore_unknown else ("ingredients", "only")
        names = [name for field in checked for name in drink.get(field) or ()]
        if drink.get("ingredient") is not None:
            names.append(drink["ingredient"])
        unknown = [name for name in names if self._id_of(name) is None]
        excluded = [n for n in drink.get("exclude", ()) if self._exclusion_of(n) is None]
        if unknown or excluded:
            raise IngredientsUnknown(list(dict.fromkeys(unknown + excluded)), excluded)

    def _find(self, name: Any) -> str | None:
        found = self._vocabulary.find(name) if is_name(name) else None
        return None if found is None else found.id

    def _find_exclusion(self, name: str) -> str | None:
        """Return the id of an ingredient, or a group."""
        return self._find(name) or self._vocabulary.find_group(name)


def _sorted_ids(names: Iterable[str], find: Callable[[str], str | None]) -> tuple[str, ...]:
    """Return the ids of the known names, sorted, each once."""
    return tuple(sorted({found for name in names if (found := find(name)) is not None}))


def describe_unknown(nearest: dict[str, list[str]], vocabulary: Vocabulary) -> str:
    """Return a sentence for each unknown name, and how to list the known ones, without a dot.

    Args:
        nearest: the names that are most similar, by unknown name.
        vocabulary: the names that are known.
    """
    sentences = [_describe(name, similar, vocabulary) for name, similar in nearest.items()]
    are_groups = vocabulary.groups and all(map(is_group, nearest))
    listed = "groups lists groups" if are_groups else "ingredients?q= lists names"
    return " ".join([*sentences, f"GET /api/{listed}"])


def _describe(name: str, similar: Sequence[str], vocabulary: Vocabulary) -> str:
    parts = name.split(",")
    if len(parts) > 1 and all(map(vocabulary.find, parts)):
        return f"{name!r} has several names; put {SEPARATOR!r} between them, or send each alone."
    if vocabulary.lacks_drink(name):
        traces = f" {similar[0]} excludes what may contain traces of it." if similar else ""
        return f"{name!r} is not known: this bar serves no alcohol.{traces}"
    if similar:
        return f"{name!r} is not known; did you mean {' or '.join(similar)}?"
    if not is_group(name):
        return f"{name!r} is not known."
    if vocabulary.groups:
        return f"{name!r} is not known; the groups are {', '.join(vocabulary.groups)}."
    return (
        f"{name!r} is not known, because this model has no data on allergens; exclude "
        "ingredients by their names."
    )
