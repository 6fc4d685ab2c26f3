"""The form of an input: what its dataclass says about the values of its fields.

The API and the worker check inputs with it, so that both refuse the same values with the same
messages; the worker has no pydantic.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Union, get_args, get_origin

from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MinLen

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


class Form:
    """The fields of a dataclass, with a check for each.

    Raises:
        PipelineInvalid: a field has a type that JSON cannot carry.
    """

    def __init__(self, cls: type) -> None:
        hints = typing.get_type_hints(cls, include_extras=True)
        fields = [field for field in dataclasses.fields(cls) if field.init]
        self._cls = cls
        self._values = {f.name: _value(hints[f.name], f"{cls.__name__}.{f.name}") for f in fields}
        self.required = tuple(f.name for f in fields if not _has_default(f))
        self.defaults = {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self._values)

    def check(self, name: str, value: Any) -> list[FieldError]:
        """Return what is wrong with the value of a field."""
        return self._values[name].check(name, value)

    def missing(self, members: dict[str, Any]) -> list[FieldError]:
        """Return an error for each field that has no default and is not there."""
        return [FieldError(name, "is missing") for name in self.required if name not in members]

    def read(self, members: dict[str, Any]) -> Any:
        """Return the dataclass of members that are known to be right; others are left out."""
        values = self._values
        return self._cls(**{n: values[n].read(v) for n, v in members.items() if n in values})


def _has_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


@cache
def form_of(cls: type) -> Form:
    """Return the form of a dataclass."""
    return Form(cls)


class _Value:
    """What a type says about a value: a check, and how to read it from JSON."""

    def __init__(self, check: Check, read: Read, plural: str = "values") -> None:
        self.check = check
        self.read = read
        self.plural = plural


def _value(hint: Any, place: str) -> _Value:
    constraints: list[Any] = []
    if get_origin(hint) is typing.Annotated:
        hint, *metadata = get_args(hint)
        constraints = [item for each in metadata for item in _simple(each)]
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional(hint, place)
    if origin is Literal:
        return _choice(get_args(hint))
    if origin in (tuple, list) and (origin is list or get_args(hint)[1:] == (...,)):
        return _list(_value(get_args(hint)[0], place), constraints, origin)
    if hint in _SCALARS:
        return _scalar(hint, constraints, place)
    if dataclasses.is_dataclass(hint):
        return _object(Form(hint))  # type: ignore[arg-type] # it is a class
    raise PipelineInvalid(
        f"{place} has the type {hint}; use str, int, float, bool, a Literal, a dataclass, "
        "or a list or an optional value of them."
    )


def _simple(constraint: Any) -> list[Any]:
    return list(constraint) if isinstance(constraint, Interval | Len) else [constraint]


def _optional(hint: Any, place: str) -> _Value:
    inner = [each for each in get_args(hint) if each is not types.NoneType]
    if len(inner) != 1:
        raise PipelineInvalid(f"{place} may have several types; use one, or one and None.")
    value = _value(inner[0], place)
    return _Value(
        lambda at, found: [] if found is None else value.check(at, found),
        lambda found: None if found is None else value.read(found),
    )


def _choice(choices: Sequence[Any]) -> _Value:
    detail = f"must be one of {', '.join(map(str, choices))}"

    def check(at: str, value: Any) -> list[FieldError]:
        is_known = any(type(value) is type(choice) and value == choice for choice in choices)
        return [] if is_known else [FieldError(at, detail)]

    return _Value(check, lambda value: value)


def _list(item: _Value, constraints: Sequence[Any], make: type) -> _Value:
    least, most = _limits(constraints, MinLen, MaxLen)

    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, list):
            return [FieldError(at, f"must be a list of {item.plural}")]
        if most is not None and len(value) > most:
            return [FieldError(at, f"must have at most {most} {item.plural}")]
        if least is not None and len(value) < least:
            return [FieldError(at, f"must have at least {least} {item.plural}")]
        return [
            error
            for index, each in enumerate(value)
            for error in item.check(f"{at}[{index}]", each)
        ]

    return _Value(check, lambda value: make(map(item.read, value)))


def _object(form: Form) -> _Value:
    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, dict):
            return [FieldError(at, "must be an object")]
        errors = [
            FieldError(n, "there is no such field here") for n in value if n not in form.names
        ]
        errors += form.missing(value)
        for name in form.names:
            if name in value:
                errors += form.check(name, value[name])
        return [FieldError(f"{at}.{error.at}", error.detail) for error in errors]

    return _Value(check, form.read)


def _scalar(kind: type, constraints: Sequence[Any], place: str) -> _Value:
    accepts, noun, read = _SCALARS[kind]
    rules = [rule for rule in constraints if hasattr(rule, "plural")]
    if rules:
        return _Value(
            lambda at, value: [FieldError(at, e) for rule in rules if (e := rule.error(value))],
            read,
            rules[0].plural,
        )
    if any(isinstance(constraint, Gt | Lt) for constraint in constraints):
        raise PipelineInvalid(f"{place} has Gt or Lt; use Ge or Le.")
    is_text = kind is str
    least, most = _limits(constraints, *((MinLen, MaxLen) if is_text else (Ge, Le)))
    detail = f"must be {noun}" + _described(least, most, is_text=is_text)

    def check(at: str, value: Any) -> list[FieldError]:
        is_right = accepts(value)
        if is_right:
            size = len(value) if is_text else value
            is_right = (least is None or size >= least) and (most is None or size <= most)
        return [] if is_right else [FieldError(at, detail)]

    return _Value(check, read)


def _limits(constraints: Sequence[Any], low: type, high: type) -> tuple[Any, Any]:
    """Return the limits in these constraints, None where there is none."""
    limits = [each for each in constraints if type(each) in _LIMITS]
    found = {type(each): getattr(each, _LIMITS[type(each)]) for each in limits}
    return found.get(low), found.get(high)


def _described(least: Any, most: Any, *, is_text: bool) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f" of at least {least} characters" if is_text else f" that is at least {least}"
    if least is None:
        return f" of at most {most} characters" if is_text else f" that is at most {most}"
    return f" of {least} to {most} characters" if is_text else f" from {least} to {most}"


def _is_whole(value: Any) -> bool:
    return type(value) is int or (type(value) is float and value % 1 == 0)


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and abs(value) < float("inf"))


_LIMITS: Final = {MinLen: "min_length", MaxLen: "max_length", Ge: "ge", Le: "le"}
_SCALARS: Final[dict[type, tuple[Callable[[Any], bool], str, Read]]] = {
    str: (lambda value: isinstance(value, str), "a text", str),
    int: (_is_whole, "a whole number", int),
    float: (_is_number, "a number", float),
    bool: (lambda value: isinstance(value, bool), "true or false", bool),
}
