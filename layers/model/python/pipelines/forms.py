"""The form of an input: what its dataclass says about the values of its fields.

The API and the worker check inputs with it, so that both refuse the same values with the same
messages; the worker has no pydantic.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Interval, Len, MaxLen, MinLen

from pipelines.errors import FieldError, InputInvalid, PipelineInvalid, printable
from pipelines.scalars import SCALARS, Value, count, is_flag, limits_in, refuse_others, scalar

if TYPE_CHECKING:
    from collections.abc import Sequence


class Form:
    """The fields of a dataclass, with a check for each.

    Raises:
        PipelineInvalid: a field has a type that JSON cannot carry.
    """

    def __init__(self, cls: type) -> None:
        hints = _hints(cls)
        fields = [field for field in dataclasses.fields(cls) if field.init]
        self._cls = cls
        self._values = {f.name: _value(hints[f.name], f"{cls.__name__}.{f.name}") for f in fields}
        defaults = {f.name: _default(f) for f in fields}
        self.defaults = {n: v for n, v in defaults.items() if v is not dataclasses.MISSING}
        self.required = tuple(name for name in defaults if name not in self.defaults)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self._values)

    def check(self, name: str, value: Any) -> list[FieldError]:
        """Return what is wrong with the value of a field."""
        return self._values[name].check(name, value)

    def holds(self, name: str) -> type | None:
        """Return `str` if the value of a field is a text, `list` for a list of texts, or None."""
        return self._values[name].holds

    def missing(self, members: dict[str, Any]) -> list[FieldError]:
        """Return an error for each field that has no default and is not there."""
        return [FieldError(name, "is missing") for name in self.required if name not in members]

    def read(self, members: dict[str, Any]) -> Any:
        """Return the dataclass of members that are known to be right; others are left out.

        Raises:
            InputInvalid: its `__post_init__` refuses the fields together, with a ValueError.
        """
        values = self._values
        fields = {n: values[n].read(v) for n, v in members.items() if n in values}
        try:
            return self._cls(**fields)
        except ValueError as error:
            raise InputInvalid([FieldError("", str(error))]) from error


def _hints(cls: type) -> dict[str, Any]:
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        raise PipelineInvalid(f"{cls!r} must be a dataclass; add @dataclass above the class.")
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise PipelineInvalid(
            f"A type in {cls.__name__} cannot be found: {error}; import it outside TYPE_CHECKING."
        ) from error


def _default(field: dataclasses.Field[Any]) -> Any:
    factory = field.default_factory
    return field.default if factory is dataclasses.MISSING else factory()


@cache
def form_of(cls: type) -> Form:
    """Return the form of a dataclass.

    Raises:
        PipelineInvalid: a field has a type that JSON cannot carry.
    """
    try:
        return Form(cls)
    except RecursionError as error:
        raise PipelineInvalid(
            f"{cls.__name__} contains itself; use a list of one level instead."
        ) from error


def _value(hint: Any, place: str) -> Value:
    constraints: list[Any] = []
    if get_origin(hint) is Annotated:
        hint, *metadata = get_args(hint)
        constraints = [item for each in metadata for item in _simple(each)]
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional(hint, constraints, place)
    if hint in SCALARS:
        return scalar(hint, constraints, place)
    if origin in (tuple, list) and (origin is list or get_args(hint)[1:] == (...,)):
        refuse_others(constraints, (MinLen, MaxLen), place)
        return _list(_value(get_args(hint)[0], place), constraints, origin)
    if origin is dict:
        refuse_others(constraints, (MinLen, MaxLen), place)
        name, item = get_args(hint)
        if (get_args(name) or (name,))[0] is not str:
            raise PipelineInvalid(f"{place} has names of the type {name}; JSON has only texts.")
        return _mapping(_value(name, place), _value(item, place), constraints)
    refuse_others(constraints, (), place)
    if origin is Literal and all(isinstance(c, str | int) for c in get_args(hint)):
        return _choice(get_args(hint))
    if dataclasses.is_dataclass(hint):
        return _object(Form(hint))  # type: ignore[arg-type] # it is a class
    raise PipelineInvalid(
        f"{place} has the type {hint}; use str, int, float, bool, a Literal, a dataclass, "
        "or a list, a dict or an optional value of them, such as list[str]."
    )


def _simple(constraint: Any) -> list[Any]:
    return list(constraint) if isinstance(constraint, Interval | Len) else [constraint]


def _optional(hint: Any, constraints: Sequence[Any], place: str) -> Value:
    inner = [each for each in get_args(hint) if each is not types.NoneType]
    if len(inner) != 1:
        raise PipelineInvalid(f"{place} may have several types; use one, or one and None.")
    constrained = functools.reduce(lambda kind, each: Annotated[kind, each], constraints, inner[0])
    value = _value(constrained, place)
    return Value(
        lambda at, found: [] if found is None else value.check(at, found),
        lambda found: None if found is None else value.read(found),
        value.plural,
        value.holds,
    )


def _choice(choices: Sequence[Any]) -> Value:
    detail = f"must be one of {', '.join(map(str, choices))}"

    def position(value: Any) -> int | None:
        same = (i for i, each in enumerate(choices) if each == value)
        return next((i for i in same if is_flag(choices[i]) == is_flag(value)), None)

    def check(at: str, value: Any) -> list[FieldError]:
        return [] if position(value) is not None else [FieldError(at, detail)]

    return Value(check, lambda value: choices[position(value) or 0])


def _list(item: Value, constraints: Sequence[Any], make: type) -> Value:
    least, most = limits_in(constraints, MinLen, MaxLen)

    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, list | tuple):  # a stored input may not have been JSON yet
            return [FieldError(at, f"must be a list of {item.plural}")]
        if most is not None and len(value) > most:
            return [FieldError(at, f"must have at most {count(most, item.plural)}")]
        if least is not None and len(value) < least:
            return [FieldError(at, f"must have at least {count(least, item.plural)}")]
        return [
            error
            for index, each in enumerate(value)
            for error in item.check(f"{at}[{index}]", each)
        ]

    holds = list if item.holds is str else None
    return Value(check, lambda value: make(map(item.read, value)), holds=holds)


def _mapping(name: Value, item: Value, constraints: Sequence[Any]) -> Value:
    least, most = limits_in(constraints, MinLen, MaxLen)

    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, dict):
            return [FieldError(at, "must be an object")]
        if most is not None and len(value) > most:
            return [FieldError(at, f"must have at most {count(most, 'names')}")]
        if least is not None and len(value) < least:
            return [FieldError(at, f"must have at least {count(least, 'names')}")]
        wrong_names = (error for key in value for error in name.check(at, key))
        errors = [FieldError(at, f"has a name that {error.detail}") for error in wrong_names]
        if errors:
            return errors[:1]
        return [error for key, each in value.items() for error in item.check(f"{at}.{key}", each)]

    return Value(
        check, lambda found: {name.read(key): item.read(each) for key, each in found.items()}
    )


def _object(form: Form) -> Value:
    def check(at: str, value: Any) -> list[FieldError]:
        if not isinstance(value, dict):
            return [FieldError(at, "must be an object")]
        others = [printable(name) for name in value if name not in form.names]
        errors = [FieldError(name, "there is no such field here") for name in others]
        errors += form.missing(value)
        for name in form.names:
            if name in value:
                errors += form.check(name, value[name])
        return [FieldError(f"{at}.{error.at}", error.detail) for error in errors]

    return Value(check, form.read, "objects")
