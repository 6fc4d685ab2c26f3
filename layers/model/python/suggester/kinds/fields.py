"""The fields of requests about drinks, with their limits and descriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

from annotated_types import Ge, Le, MaxLen, MinLen

from suggester.groups import PREFIX, is_group
from suggester.names import NAME_RULE, is_name
from suggester.requests import MAX_FILTER, MAX_INGREDIENTS, MAX_NAME, MAX_TEXT, MAX_TOP_K

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP_RULE: Final = f"a group, such as {PREFIX}dairy, is allowed in exclude only"
_CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"


@dataclass(frozen=True, slots=True)
class NameRule:
    """A value is the name of an ingredient or, in exclusions, of a group."""

    allows_groups: bool = False
    plural: str = "names"

    def error(self, value: Any) -> str:
        """Return what is wrong with a name."""
        if not is_name(value):
            return NAME_RULE
        return GROUP_RULE if not self.allows_groups and is_group(value) else ""

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the JSON schema of a name, for the description of the API."""
        pattern = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"
        return handler(schema) | {"minLength": 1, "maxLength": MAX_NAME, "pattern": pattern}


Name = Annotated[str, NameRule()]
Names = Annotated[tuple[Name, ...], MaxLen(MAX_INGREDIENTS)]
Text = Annotated[str, MinLen(1), MaxLen(MAX_TEXT)]
Exclusion = Annotated[str, NameRule(allows_groups=True)]
TopK = Annotated[int, Ge(1), Le(MAX_TOP_K)]
Length = Annotated[int, Ge(1), Le(MAX_INGREDIENTS)]
Novelty = Annotated[float, Ge(0), Le(1)]

INGREDIENTS: Final = {
    "description": "Names or ids in English or Russian. An empty drink asks for a base."
}
TEXT_TO_READ: Final = {"description": "A text in English or Russian, such as a recipe."}
TEXT: Final = {
    "description": "A text in English or Russian, such as a recipe, instead of `ingredients`. The "
    "result says what was understood."
}
EXCLUDE: Final = {
    "description": "Never suggest these, e.g. allergies: ingredients, or groups of them such as "
    "`group:dairy`."
}
ONLY: Final = {"description": "Suggest only these, e.g. the pantry."}
TOP_K: Final = {"description": "The number of suggestions."}
LENGTH: Final = {
    "description": "The number of ingredients of the finished drink. Without it, the model decides."
}
NOVELTY: Final = {
    "description": "0 for the usual to 1 for the surprising: ingredients that fit this drink "
    "better than they fit drinks in general."
}


@dataclass(frozen=True, kw_only=True)
class Drink:
    """A drink."""

    ingredients: Names = field(default=(), metadata=INGREDIENTS)
    text: Text | None = field(default=None, metadata=TEXT)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What may be suggested."""

    exclude: Annotated[tuple[Exclusion, ...], MaxLen(MAX_FILTER)] = field(
        default=(), metadata=EXCLUDE
    )
    only: Annotated[tuple[Name, ...], MaxLen(MAX_FILTER)] | None = field(
        default=None, metadata=ONLY
    )


@dataclass(frozen=True, kw_only=True)
class Growing(Filters, Drink):
    """A half-built drink, and what may be added to it."""

    novelty: Novelty = field(default=0.0, metadata=NOVELTY)
