"""What a type says about texts, numbers and flags."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from annotated_types import Ge, Le, MaxLen, MinLen

from pipelines.errors import FieldError, PipelineInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Check = Callable[[str, Any], list[FieldError]]
    Read = Callable[[Any], Any]


class Rule(Protocol):
    """A constraint of one's own, in the `Annotated` of a field.

    Attributes:
        plural: what a list of such values consists of, such as `names`.
    """

    plural: str

    def error(self, value: Any) -> str:
        """Return what the value must be, such as "must be a colour", or an empty string."""


class Value:
    """What a type says about a value: a check, and how to read it from JSON.

    `holds` is `str` for a text, `list` for a list of texts, and None for anything else.
    """

    def __init__(
        self, check: Check, read: Read, plural: str = "values", holds: type | None = None
    ) -> None:
        self.check = check
        self.read = read
        self.plural = plural
        self.holds = holds


def refuse_others(constraints: Sequence[Any], known: tuple[type, ...], place: str) -> None:
    """Refuse constraints that would otherwise be ignored."""
    for constraint in constraints:
        if not isinstance(constraint, known):
            names = " and ".join(each.__name__ for each in known)
            advice = f"use {names}" if names else "remove it"
            raise PipelineInvalid(f"{place} has {constraint!r}, which is not checked; {advice}.")


def scalar(kind: type, constraints: Sequence[Any], place: str) -> Value:
    """Return what a type in `SCALARS` and its constraints say.

    Raises:
        PipelineInvalid: a constraint has no meaning for the type.
    """
    accepts, noun, plural, read = SCALARS[kind]
    limits = _LIMITS_OF[kind]
    rules = [rule for rule in constraints if hasattr(rule, "plural")]
    refuse_others([each for each in constraints if each not in rules], limits, place)
    is_text = kind is str
    holds = str if is_text else None
    if rules:
        if len(rules) < len(constraints):
            raise PipelineInvalid(f"{place} has limits besides its own rule; check them there.")
        return Value(
            lambda at, value: [FieldError(at, e) for rule in rules if (e := rule.error(value))],
            read,
            rules[0].plural,
            holds,
        )
    least, most = limits_in(constraints, *limits) if limits else (None, None)
    detail = f"must be {noun}" + _described(least, most, is_text=is_text)

    def check(at: str, value: Any) -> list[FieldError]:
        is_right = accepts(value)
        if is_right:
            size = len(value) if is_text else value
            is_right = (least is None or size >= least) and (most is None or size <= most)
        return [] if is_right else [FieldError(at, detail)]

    return Value(check, read, plural, holds)


def limits_in(constraints: Sequence[Any], low: type, high: type) -> tuple[Any, Any]:
    """Return the limits in these constraints, None where there is none."""
    limits = [each for each in constraints if type(each) in _LIMITS]
    found = {type(each): getattr(each, _LIMITS[type(each)]) for each in limits}
    return found.get(low), found.get(high)


def _described(least: Any, most: Any, *, is_text: bool) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        size = count(least, "characters")
        return f" of at least {size}" if is_text else f" that is at least {least}"
    if least is None:
        size = count(most, "characters")
        return f" of at most {size}" if is_text else f" that is at most {most}"
    return f" of {least} to {most} characters" if is_text else f" from {least} to {most}"


def count(number: int, plural: str) -> str:
    """Return a number with its noun, such as `1 name`."""
    return f"{number} {plural.removesuffix('s') if number == 1 else plural}"


def is_flag(value: Any) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    """Whether it is a text that UTF-8 can encode: JSON can have half of a surrogate pair."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_whole(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value % 1 == 0)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


_LIMITS: Final = {MinLen: "min_length", MaxLen: "max_length", Ge: "ge", Le: "le"}
_LIMITS_OF: Final = {str: (MinLen, MaxLen), int: (Ge, Le), float: (Ge, Le), bool: ()}
SCALARS: Final[dict[type, tuple[Callable[[Any], bool], str, str, Read]]] = {
    str: (_is_text, "a text", "texts", str),
    int: (_is_whole, "a whole number", "numbers", int),
    float: (_is_number, "a number", "numbers", float),
    bool: (is_flag, "true or false", "values", bool),
}
