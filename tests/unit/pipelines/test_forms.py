"""What the types of an input say about the values of its fields."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import annotated_types as at
import pytest

from pipelines.errors import InputInvalid, PipelineInvalid
from pipelines.forms import Form, form_of

INF = float("inf")
NAN = float("nan")


@dataclass(frozen=True)
class Point:
    x: Annotated[int, at.Ge(0), at.Le(9)]
    label: str = ""


def form(hint: Any) -> Form:
    return Form(dataclasses.make_dataclass("Made", [("value", hint)], namespace={}))


def errors(hint: Any, value: Any) -> list[str]:
    return list(map(str, form(hint).check("value", value)))


def read(hint: Any, value: Any) -> Any:
    assert errors(hint, value) == []
    return form(hint).read({"value": value}).value


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (str, "milk", "milk"),
        (str, "", ""),
        (int, 5, 5),
        (int, 5.0, 5),
        (int, -(10**40), -(10**40)),
        (float, 5, 5.0),
        (float, 0.5, 0.5),
        (float, 10**300, 1e300),
        (bool, False, False),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], 2.0, 2),
        (Literal["a"] | None, None, None),
        (int | None, None, None),
        (int | None, 5.0, 5),
        (list[int], [1.0, 2], [1, 2]),
        (tuple[int, ...], [1.0], (1,)),
        (list[list[str]], [["a"], []], [["a"], []]),
        (dict[str, int], {"a": 1.0}, {"a": 1}),
        (dict[str, str] | None, None, None),
        (Point, {"x": 3.0}, Point(3)),
        (tuple[Point, ...], [{"x": 1, "label": "a"}], (Point(1, "a"),)),
        (list[str | None], ["a", None], ["a", None]),
        (Annotated[str, at.MinLen(2)], "ab", "ab"),
        (Annotated[str, at.MaxLen(2)], "ab", "ab"),
        (Annotated[str, at.Len(1, 2)], "яя", "яя"),
        (Annotated[int, at.Ge(1), at.Le(2)], 2.0, 2),
        (Annotated[float, at.Interval(ge=0, le=1)], 1, 1.0),
        (Annotated[list[int], at.Len(1, 2)], [7], [7]),
        (Annotated[int | None, at.Ge(1)], None, None),
    ],
)
def test_a_value_of_the_type_is_read(hint: Any, value: Any, expected: Any) -> None:
    found = read(hint, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("hint", "value", "error"),
    [
        (str, 5, "value: must be a text"),
        (str, None, "value: must be a text"),
        (str, "\ud800", "value: must be a text"),
        (int, 5.5, "value: must be a whole number"),
        (int, True, "value: must be a whole number"),
        (int, "5", "value: must be a whole number"),
        (int, INF, "value: must be a whole number"),
        (int, NAN, "value: must be a whole number"),
        (float, NAN, "value: must be a number"),
        (float, INF, "value: must be a number"),
        (float, 10**400, "value: must be a number"),
        (float, True, "value: must be a number"),
        (bool, 1, "value: must be true or false"),
        (Literal["a", "b"], "c", "value: must be one of a, b"),
        (Literal[1, 2], True, "value: must be one of 1, 2"),
        (Literal["a"] | None, "c", "value: must be one of a"),
        (Literal["a", "b"], ["a"], "value: must be one of a, b"),
        (int | None, "5", "value: must be a whole number"),
        (list[int], 5, "value: must be a list of numbers"),
        (list[str], "ab", "value: must be a list of texts"),
        (list[Point], {}, "value: must be a list of objects"),
        (list[list[int]], [[1], ["a"]], "value[1][0]: must be a whole number"),
        (Point, 5, "value: must be an object"),
        (Point, {}, "value.x: is missing"),
        (Point, {"x": 10}, "value.x: must be a whole number from 0 to 9"),
        (Point, {"x": 1, "y": 2}, "value.y: there is no such field here"),
        (list[Point], [{"x": -1}], "value[0].x: must be a whole number from 0 to 9"),
        (Annotated[str, at.MinLen(1)], "", "value: must be a text of at least 1 character"),
        (Annotated[str, at.MaxLen(2)], "abc", "value: must be a text of at most 2 characters"),
        (Annotated[str, at.Len(1, 2)], "", "value: must be a text of 1 to 2 characters"),
        (Annotated[int, at.Ge(1)], 0, "value: must be a whole number that is at least 1"),
        (Annotated[float, at.Le(1)], 1.5, "value: must be a number that is at most 1"),
        (Annotated[float, at.Interval(ge=0, le=1)], -1, "value: must be a number from 0 to 1"),
        (Annotated[list[int], at.MinLen(1)], [], "value: must have at least 1 number"),
        (Annotated[list[str], at.MaxLen(2)], ["a"] * 3, "value: must have at most 2 texts"),
        (Annotated[int | None, at.Ge(1)], 0, "value: must be a whole number that is at least 1"),
        (dict[str, str], ["a"], "value: must be an object"),
        (dict[str, str], {"a": 5}, "value.a: must be a text"),
        (
            Annotated[dict[str, str], at.MaxLen(1)],
            {"a": "", "b": ""},
            "value: must have at most 1 name",
        ),
        (Annotated[dict[str, str], at.MinLen(1)], {}, "value: must have at least 1 name"),
        (
            dict[Annotated[str, at.MaxLen(1)], str],
            {"ab": "", "cd": ""},
            "value: has a name that must be a text of at most 1 character",
        ),
    ],
)
def test_another_value_is_refused_with_what_it_must_be(hint: Any, value: Any, error: str) -> None:
    assert errors(hint, value) == [error]


def test_a_long_name_of_a_field_in_an_object_is_cut() -> None:
    [error] = errors(Point, {"x": 1, "y" * 1000: 2})
    assert error == f"value.{'y' * 64}: there is no such field here"


def test_half_a_character_in_the_name_of_a_field_is_replaced() -> None:
    assert errors(Point, {"x": 1, "\ud800": 2}) == ["value.?: there is no such field here"]


class Aware:
    plural = "colours"

    def error(self, value: Any) -> str:
        return "" if value == "red" else "must be a colour"


def test_a_rule_of_ones_own_says_what_is_wrong() -> None:
    colour = Annotated[str, Aware()]
    assert errors(colour, "red") == []
    assert errors(list[colour], ["blue"]) == ["value[0]: must be a colour"]
    assert errors(list[colour], 5) == ["value: must be a list of colours"]


class Plain:
    pass


@dataclass
class Node:
    child: Node | None = None


@dataclass
class Unresolved:
    value: Missing  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (bytes, r"Made\.value has the type <class 'bytes'>; use str, int, float, bool"),
        (dict[int, str], "has names of the type <class 'int'>"),
        (dict, "use str, int"),
        (Annotated[dict[str, str], at.Ge(1)], "use MinLen and MaxLen"),
        (tuple[int, str], "use str, int"),
        (list, "use str, int"),
        (set[int], "use str, int"),
        (Any, "use str, int"),
        (Plain, "use str, int"),
        (Literal[b"a"], "use str, int"),
        (int | str, r"Made\.value may have several types; use one, or one and None\."),
        (Annotated[int, at.Gt(1)], r"Made\.value has Gt\(gt=1\), .*; use Ge and Le\."),
        (Annotated[int, at.Lt(1)], "use Ge and Le"),
        (Annotated[int, at.Interval(gt=1)], "use Ge and Le"),
        (Annotated[int, at.MultipleOf(2)], "use Ge and Le"),
        (Annotated[int, at.MinLen(2)], "use Ge and Le"),
        (Annotated[str, at.Ge(1)], "use MinLen and MaxLen"),
        (Annotated[list[int], at.Ge(1)], "use MinLen and MaxLen"),
        (Annotated[Literal["a"], at.MinLen(1)], "remove it"),
        (Annotated[Point, at.MinLen(1)], "remove it"),
        (Annotated[bool, at.Ge(1)], "which is not checked"),
        (Annotated[str, Aware(), at.MinLen(1)], "limits besides its own rule"),
    ],
)
def test_a_type_that_cannot_be_checked_is_refused(hint: Any, message: str) -> None:
    with pytest.raises(PipelineInvalid, match=message):
        form(hint)


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (Plain, "must be a dataclass; add @dataclass above the class"),
        (Point(1), "must be a dataclass"),
        (Node, "Node contains itself; use a list of one level instead"),
        (Unresolved, "name 'Missing' is not defined; import it outside TYPE_CHECKING"),
    ],
)
def test_a_class_that_is_no_form_is_refused(cls: Any, message: str) -> None:
    with pytest.raises(PipelineInvalid, match=message):
        form_of(cls)


@dataclass
class Checked:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


def test_a_class_may_refuse_fields_that_contradict_each_other() -> None:
    with pytest.raises(InputInvalid, match=r"^low must not be above high\.$"):
        form_of(Checked).read({"low": 2, "high": 1})
