"""The description of pipelines in OpenAPI."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

import annotated_types as at
import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.api.schemas.requests import DELIVERY_FIELDS, Delivery, submission_schemas
from pipelines.forms import form_of
from pipelines.registry import Registry
from suggester.kinds.next import PIPELINE as NEXT
from tests.sentiment import PIPELINE as SENTIMENT


@dataclass(frozen=True)
class Point:
    x: Annotated[int, at.Ge(0), at.Le(9)]
    label: str = ""


@dataclass
class Everything:
    """Has every type that the API describes."""

    text: Annotated[str, at.Len(1, 3)]
    whole: Annotated[int, at.Ge(-2), at.Le(2)]
    number: Annotated[float, at.Ge(0), at.Le(1)]
    flag: bool
    choice: Literal["a", "b"]
    level: Literal[1, 2] = 1
    point: Point = Point(1)
    points: Annotated[tuple[Point, ...], at.MaxLen(2)] = ()
    texts: list[str] = field(default_factory=list)
    option: Annotated[int, at.Ge(0)] | None = None
    options: Annotated[list[str | None], at.Len(1, 2)] | None = None


EXAMPLE = {"kind": "everything", "text": "a", "whole": 1, "number": 1, "flag": True, "choice": "a"}
REGISTRY = Registry(
    [NEXT, replace(SENTIMENT, kind="everything", input=Everything, example=EXAMPLE)]
)
SCHEMAS = submission_schemas(REGISTRY)
VALIDATOR = jsonschema_rs.validator_for(
    {"components": {"schemas": SCHEMAS}, "$ref": "#/components/schemas/EverythingInput"}
)
SEVERAL = jsonschema_rs.validator_for(
    {"components": {"schemas": SCHEMAS}, "$ref": "#/components/schemas/SeveralKinds"}
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([1.0, 2.0, 0.5, -1.0, 1e300]),
    st.sampled_from(["", "a", "b", "abc", "abcd"]),
)
POINTS = st.fixed_dictionaries(
    {"x": st.one_of(st.integers(-1, 10), SCALARS)}, optional={"label": SCALARS, "other": SCALARS}
)
VALUES = st.one_of(SCALARS, POINTS, st.lists(st.one_of(SCALARS, POINTS), max_size=3))


NAMES = [each.name for each in dataclasses.fields(Everything)]


@pytest.mark.parametrize("name", [*NAMES, "priority", "deadline_seconds", "other"])
@given(value=VALUES)
def test_the_description_agrees_with_the_check(name: str, value: object) -> None:
    body = {**EXAMPLE, name: value}
    problems = REGISTRY.check(body, DELIVERY_FIELDS)
    if name in DELIVERY_FIELDS:
        problems += form_of(Delivery).check(name, value)
    assert (problems == []) == VALIDATOR.is_valid(body)


@pytest.mark.parametrize("name", ["text", "whole", "number", "flag", "choice"])
def test_the_description_and_the_check_require_the_same_fields(name: str) -> None:
    body = {key: value for key, value in EXAMPLE.items() if key != name}
    assert [error.at for error in REGISTRY.check(body)] == [name]
    assert not VALIDATOR.is_valid(body)


@given(
    kinds=st.lists(st.sampled_from(["next", "everything", "other"]), max_size=3),
    fields=st.dictionaries(
        st.sampled_from([*NAMES, "ingredients", "top_k", "because", "priority", "other"]),
        st.one_of(SCALARS, st.just(["milk"])),
        max_size=2,
    ),
    left_out=st.sampled_from(["", "whole", "flag"]),
)
@example(kinds=["next", "everything"], fields={}, left_out="whole")
@example(kinds=["next", "everything"], fields={"text": None}, left_out="")
@example(kinds=["next"], fields={"flag": True}, left_out="")
def test_the_description_of_several_kinds_agrees_with_the_check(
    kinds: list[str], fields: dict[str, object], left_out: str
) -> None:
    required = EXAMPLE if "everything" in kinds else {}
    given_fields = {name: value for name, value in required.items() if name != left_out}
    body = {**given_fields, **fields, "kind": kinds}
    problems = REGISTRY.check(body, DELIVERY_FIELDS)
    for name in DELIVERY_FIELDS & body.keys():
        problems += form_of(Delivery).check(name, body[name])
    assert (problems == []) == SEVERAL.is_valid(body)
