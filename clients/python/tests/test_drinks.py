"""A drink, and how it combines with defaults."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from barback import Drink, Input
from barback._input import from_record, to_record

if TYPE_CHECKING:
    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def test_the_exclusions_of_a_drink_and_of_its_defaults_add_up() -> None:
    """The defaults come first, and no name is repeated."""
    drink = Drink(["milk"], exclude=["soy", "nuts"])
    combined = drink.with_defaults(Drink(exclude=["nuts", "eggs"]))
    assert combined.to_json()["exclude"] == ["nuts", "eggs", "soy"]


@pytest.mark.parametrize("exclude", [None, []])
def test_a_drink_without_exclusions_keeps_those_of_its_defaults(exclude: list[str] | None) -> None:
    combined = Drink(exclude=exclude).with_defaults(Drink(exclude=["nuts"]))
    assert combined.to_json()["exclude"] == ["nuts"]


def test_a_field_of_a_drink_replaces_its_default() -> None:
    drink = Drink(["milk"], top_k=2).with_defaults(Drink(top_k=7, kind="next", only=["ice"]))
    assert drink == Drink(["milk"], "next", top_k=2, only=["ice"])


def test_a_drink_does_not_change_with_the_list_that_it_was_made_from() -> None:
    """A program may reuse its list for the next drink."""
    exclude = ["nuts"]
    drink = Drink(["milk"], exclude=exclude)
    exclude.clear()
    assert drink.to_json()["exclude"] == ["nuts"]


def test_a_subclass_sends_every_field() -> None:
    """`__slots__` of a subclass lacks the fields of its base class."""

    @dataclass(frozen=True, slots=True)
    class Order(Drink):
        pass

    assert Order(["milk"], exclude=["nuts"]).to_json() == {
        "ingredients": ["milk"],
        "exclude": ["nuts"],
    }


@pytest.mark.parametrize("field", ["ingredients", "exclude", "only"])
@pytest.mark.parametrize("value", ["milk", b"milk", 5, {"milk": True}, [1], [None], ["milk", []]])
def test_names_are_a_list_of_strings(field: str, value: Any) -> None:
    """Without this check, `Drink("milk")` would contain m, i, l and k."""
    with pytest.raises(TypeError, match=f"Give {field} as a list of names"):
        Drink(**{field: value})


@pytest.mark.parametrize("novelty", [0, 0.5, 1.0])
def test_a_novelty_from_0_to_1_is_sent(novelty: float) -> None:
    """0 is sent too: it replaces another default."""
    drink = Drink(novelty=novelty).with_defaults(Drink(novelty=0.25))
    assert drink.to_json()["novelty"] == novelty


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan, math.inf, True, "0.5", [0.5]])
def test_another_novelty_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^Give novelty as a number from 0 to 1\.$"):
        Drink(novelty=value)


@pytest.mark.parametrize("found", [Drink(["milk"]), Input("extract", {"text": "milk"})], ids=str)
def test_metadata_is_copied_and_survives_a_resume_file(found: Drink | Input) -> None:
    metadata = {"order": "17"}
    given = replace(found, metadata=metadata)
    metadata.clear()
    assert given.to_json()["metadata"] == {"order": "17"}
    assert from_record(json.loads(json.dumps(to_record(given)))) == given


def test_a_line_of_a_file_may_have_metadata(barback: Command, service: FakeService) -> None:
    """Its file is then submitted as tasks, because a line of a document has none."""
    done = barback("submit", "-", "--wait", stdin='{"metadata": {"order": "17"}}\nmilk\n')
    assert done.exit_code == 0, done.output
    assert [drink.get("metadata") for drink in service.submitted()] == [{"order": "17"}, None]
    assert len(service.tasks) == 2
