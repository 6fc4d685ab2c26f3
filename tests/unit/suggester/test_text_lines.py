"""What a line of a text document means for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from annotated_types import Len, MinLen

from pipelines.errors import InputInvalid
from pipelines.pipeline import Pipeline
from pipelines.registry import Registry, load_pipelines
from suggester.inputs import NOT_A_TEXT, InputReader
from suggester.kinds import KINDS
from tests.fakes import SMALL_VOCABULARY


@dataclass(frozen=True)
class Review:
    """A text is required."""

    review: Annotated[str, Len(1, 50)]
    stars: int = 5


@dataclass(frozen=True)
class Tags:
    """A list of texts is required."""

    tags: Annotated[tuple[Annotated[str, MinLen(1)], ...], MinLen(1)]
    review: str = ""


@dataclass(frozen=True)
class Dose:
    """A number is required."""

    amount: int


@dataclass(frozen=True)
class Translation:
    """Two texts are required."""

    text: str
    language: str | None


@dataclass(frozen=True)
class Cocktail:
    """Nothing is required, and there are ingredients."""

    ingredients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lottery:
    """Nothing is required, and no field is better suited than another."""

    number: int = 1


def pipeline(kind: str, cls: type, **example: Any) -> Pipeline:
    return Pipeline(
        kind=kind,
        summary="A test.",
        input=cls,
        output=cls,
        load="x:y",
        example=example,
        memory=1,
        seconds=1,
    )


REGISTRY = Registry(
    [
        *load_pipelines(f"suggester.kinds.{kind}" for kind in KINDS),
        pipeline("review", Review, review="fine"),
        pipeline("tags", Tags, tags=["a"]),
        pipeline("dose", Dose, amount=1),
        pipeline("translation", Translation, text="a", language="ru"),
        pipeline("cocktail", Cocktail),
        pipeline("lottery", Lottery),
    ]
)


def read(kind: Any, line: str, **defaults: Any) -> Any:
    """Return the input of each kind."""
    given = {"kind": kind, **defaults}
    inputs = InputReader(REGISTRY, SMALL_VOCABULARY, given).read_text(line)
    return inputs[0][1] if isinstance(kind, str) else dict(inputs)


def test_a_line_is_the_text_that_a_kind_requires() -> None:
    """Semicolons are part of it."""
    assert read("review", " good; but sour \r\n") == Review("good; but sour")


def test_a_line_is_split_into_the_texts_that_a_kind_requires() -> None:
    assert read("tags", "sweet; cold;\n") == Tags(("sweet", "cold"))


def test_a_field_that_the_whole_document_has_is_not_in_the_lines() -> None:
    assert read("translation", "milk; cold", language="ru") == Translation("milk; cold", "ru")
    assert read("translation", "ru", text="milk") == Translation("milk", "ru")


def test_a_line_gives_the_ingredients_of_a_kind_that_requires_nothing() -> None:
    assert read("cocktail", "milk; rum") == Cocktail(("milk", "rum"))


@pytest.mark.parametrize("kind", ["next", "complete", "categorize", "similar", "substitute"])
def test_a_line_gives_the_names_of_a_drink(kind: str) -> None:
    found = read(kind, "milk; sugar", ingredient="milk")
    assert found.ingredients == ("milk", "sugar")


def test_a_line_is_not_the_ingredient_to_replace() -> None:
    """It is the only field that `substitute` requires, but a line has a drink."""
    with pytest.raises(InputInvalid, match="ingredient: is missing"):
        read("substitute", "milk; sugar")


@pytest.mark.parametrize("kind", ["extract", "substitute"])
def test_a_list_of_names_does_not_stand_for_a_required_field(kind: str) -> None:
    reader = InputReader(REGISTRY, SMALL_VOCABULARY, {"kind": kind})
    with pytest.raises(InputInvalid):
        reader.read_names(["milk"])


def test_a_line_for_several_kinds_is_the_text_that_one_of_them_requires() -> None:
    found = read(["extract", "next"], "milk; sugar")
    assert found["extract"].text == found["next"].text == "milk; sugar"
    assert read(["next", "complete"], "milk")["complete"].ingredients == ("milk",)
    mixed = read(["review", "tags"], "fine", tags=["a"])
    assert mixed == {"review": Review("fine"), "tags": Tags(("a",), "fine")}


@pytest.mark.parametrize("kind", ["dose", "translation", "lottery", ["extract", "review"]], ids=str)
def test_a_line_that_cannot_be_an_input_says_what_to_send(kind: Any) -> None:
    """Another field would be filled with something that it does not mean."""
    reader = InputReader(REGISTRY, SMALL_VOCABULARY, {"kind": kind})
    assert not reader.reads_texts
    with pytest.raises(InputInvalid) as caught:
        reader.read_text("5")
    assert str(caught.value) == f"{NOT_A_TEXT}."
    assert "send its fields as JSON" in NOT_A_TEXT


def test_a_line_without_the_required_text_is_refused() -> None:
    with pytest.raises(InputInvalid, match="review: must be a text of 1 to 50 characters"):
        read("review", " ")
