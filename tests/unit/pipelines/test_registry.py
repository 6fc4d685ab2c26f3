"""The pipelines of a deployment, and the check of what callers send to them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, make_dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from annotated_types import Le
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import InputInvalid, PipelineInvalid
from pipelines.registry import MAX_KINDS, Registry, load_pipelines, package_names
from suggester.errors import RequestInvalid
from suggester.kinds.complete import PIPELINE as COMPLETE
from suggester.kinds.next import PIPELINE as NEXT
from suggester.requests import Request
from tests.sentiment import PIPELINE as SENTIMENT
from tests.sentiment import Item, SentimentInput

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class CountInput:
    text: str
    top_k: Annotated[int, Le(3)] = 2
    flags: tuple[bool, ...] = ()


COUNT = replace(SENTIMENT, kind="count", input=CountInput, example={"text": "a"})
KNOWN = Registry([NEXT, COMPLETE, SENTIMENT, COUNT])


def errors(members: Any, *, partial: bool = False) -> list[str]:
    return list(map(str, KNOWN.check(members, frozenset({"priority"}), partial=partial)))


def test_a_request_without_a_kind_is_for_the_first() -> None:
    assert KNOWN.kinds_of({}) == ["next"]


def test_an_unknown_kind_lists_the_known_ones() -> None:
    assert errors({"kind": "stir"}) == ["kind: must be one of next, complete, sentiment, count"]


@pytest.mark.parametrize("kind", [5, None, {}, True])
def test_a_kind_of_another_type_lists_the_known_ones(kind: object) -> None:
    assert errors({"kind": kind}) == ["kind: must be one of next, complete, sentiment, count"]


@pytest.mark.parametrize(
    ("kinds", "error"),
    [
        ([], "kind: must have 1 to 8 kinds"),
        (["next"] * 9, "kind: must have 1 to 8 kinds"),
        (["next", "next"], "kind: must have each kind once"),
        (["next", "stir"], "kind[1]: must be one of next, complete, sentiment, count"),
        (["next", ["next"]], "kind[1]: must be one of next, complete, sentiment, count"),
    ],
)
def test_wrong_kinds_are_refused(kinds: list[Any], error: str) -> None:
    assert errors({"kind": kinds}) == [error]


def test_eight_kinds_are_allowed() -> None:
    pipelines = [replace(SENTIMENT, kind=f"kind{number}") for number in range(MAX_KINDS)]
    known = Registry(pipelines)
    assert known.check({"kind": list(known.kinds), "text": "a"}) == []


def test_a_misspelt_field_names_the_nearest() -> None:
    assert errors({"kind": "sentiment", "text": "a", "wrds": []}) == [
        "wrds: there is no such field here; did you mean words?"
    ]


def test_a_misspelt_field_of_every_request_is_found_too() -> None:
    assert errors({"priorty": "bulk"}) == [
        "priorty: there is no such field here; did you mean priority?"
    ]


def test_a_field_like_no_other_has_no_hint() -> None:
    assert errors({"zzz": 1}) == ["zzz: there is no such field here"]


def test_a_field_of_another_kind_names_that_kind() -> None:
    assert errors({"length": 5}) == ["length: belongs to complete, not to next; remove it"]


def test_a_field_of_several_other_kinds_names_them_all() -> None:
    assert errors({"kind": ["sentiment", "count"], "text": "a", "novelty": 1}) == [
        "novelty: belongs to next and complete, not to sentiment or count; remove it"
    ]
    assert errors({"kind": "count", "text": "a", "only": []}) == [
        "only: belongs to next, complete and sentiment, not to count; remove it"
    ]


def test_the_name_of_an_unknown_field_is_cut_and_made_printable() -> None:
    [error] = errors({"\ud800" + "z" * 1000: 1})
    assert error == f"?{'z' * 63}: there is no such field here"


def test_a_field_is_for_each_kind_that_has_it() -> None:
    kinds = {"kind": ["sentiment", "count"], "text": "a"}
    assert errors(kinds | {"words": [], "flags": [True]}) == []


def test_a_field_must_be_right_for_each_kind_that_has_it() -> None:
    given = {"kind": ["next", "count"], "text": "a"}
    assert errors(given | {"top_k": 3}) == []
    assert errors(given | {"top_k": 4}) == ["top_k: must be a whole number that is at most 3"]


def test_kinds_that_refuse_a_field_alike_refuse_it_once() -> None:
    given = {"kind": ["next", "complete"], "novelty": 2}
    assert errors(given) == ["novelty: must be a number from 0 to 1"]


def test_each_missing_field_is_named_once() -> None:
    assert errors({"kind": ["sentiment", "count"]}) == ["text: is missing"]


def test_fields_that_lines_may_give_can_be_missing() -> None:
    assert errors({"kind": "sentiment"}, partial=True) == []


@pytest.mark.parametrize("members", [5, "milk", None, [["milk"]]])
def test_an_input_is_an_object(members: object) -> None:
    [error] = errors(members)
    assert error.startswith("send an object")


def refused(**changes: Any) -> str:
    with pytest.raises(PipelineInvalid) as raised:
        Registry([replace(SENTIMENT, **changes)])
    return str(raised.value)


def test_two_pipelines_cannot_have_one_kind() -> None:
    with pytest.raises(PipelineInvalid, match="Two pipelines have the kind 'sentiment'; give"):
        Registry([SENTIMENT, SENTIMENT])


@pytest.mark.parametrize("kind", ["", "Sentiment", "a b", "-a", "a_b", "ц", "a" * 33, "a\n"])
def test_a_kind_is_a_short_word_in_small_letters(kind: str) -> None:
    assert "small letters" in refused(kind=kind)


@pytest.mark.parametrize("name", ["kind", "priority", "deadline_seconds", "document"])
def test_a_field_cannot_have_the_name_of_a_field_of_every_request(name: str) -> None:
    cls = make_dataclass("Input", [(name, str, "")], frozen=True)
    assert f"has a field '{name}', which every request has; rename it" in refused(input=cls)


def test_an_example_must_be_right() -> None:
    assert refused(example={"txt": "a"}) == (
        "The example of the pipeline 'sentiment' is refused: "
        "txt: there is no such field here; did you mean text?."
    )


@dataclass(frozen=True)
class Refusing:
    text: str

    def __post_init__(self) -> None:
        raise ValueError("the text is too loud")


def test_the_class_of_the_input_must_accept_the_example() -> None:
    assert refused(input=Refusing, example={"text": "A!"}) == (
        "The example of the pipeline 'sentiment' is refused: the text is too loud."
    )


@pytest.mark.parametrize("example", [None, 3, "text", ["text"]])
def test_an_example_must_be_an_object(example: Any) -> None:
    assert "The example of the pipeline 'sentiment' is no object" in refused(example=example)


def test_an_output_must_have_types_that_json_can_carry() -> None:
    assert "use str, int" in refused(output=make_dataclass("Output", [("score", bytes)]))


PACKAGES = {
    "missing_part": "PIPELINE = Pipeline(kind='x')",
    "no_pipeline": "",
    "other_type": "PIPELINE = {'kind': 'x'}",
    "syntax": "def",
    "crash": "raise RuntimeError('first line\\nsecond line.')",
    "script": "raise SystemExit(2)",
}


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (
            "nowhere",
            "The pipeline 'bb_nowhere' cannot be imported: ModuleNotFoundError: No module named",
        ),
        ("nowhere", "'bb_nowhere'; install what is missing, or correct the package or PIPELINES."),
        ("missing_part", "missing 7 required keyword-only arguments: 'summary'"),
        ("no_pipeline", "'bb_no_pipeline' has no PIPELINE; see docs/model.md for what it needs."),
        ("other_type", "'bb_other_type' has no PIPELINE; see docs/model.md for what it needs."),
        ("syntax", "cannot be imported: SyntaxError"),
        ("crash", "cannot be imported: RuntimeError: first line second line; install"),
        ("script", "The pipeline 'bb_script' cannot be imported: SystemExit: 2; install"),
    ],
)
def test_a_package_that_cannot_be_used_is_named_in_one_line(
    package: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name, code in PACKAGES.items():
        source = f"from pipelines.pipeline import Pipeline\n{code}\n"
        (tmp_path / f"bb_{name}.py").write_text(source)
    with pytest.raises(PipelineInvalid) as raised:
        load_pipelines([f"bb_{package}"])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_packages_in_a_list_have_commas_between_them() -> None:
    assert package_names(" a.b , c,, ") == ["a.b", "c"]


def test_a_package_that_is_named_twice_is_loaded_once() -> None:
    assert package_names("a,b,a") == ["a", "b"]


def test_the_pipelines_of_packages_are_loaded() -> None:
    assert load_pipelines(["tests.sentiment"]) == [SENTIMENT]


TEXTS = st.text(max_size=3)
ITEMS = st.builds(Item, TEXTS, st.floats(-1, 1))
INPUTS: dict[str, st.SearchStrategy[Any]] = {
    "sentiment": st.builds(
        SentimentInput,
        st.just("text"),
        st.lists(ITEMS.filter(lambda item: item.word), max_size=3).map(tuple),
        st.sampled_from(["unit", "percent"]),
    ),
    "count": st.builds(
        CountInput, st.just("text"), st.integers(0, 3), st.lists(st.booleans()).map(tuple)
    ),
}


def stored(kinds: list[str], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs by kind after their way through a row."""
    members = json.loads(json.dumps(KNOWN.encode([(kind, inputs[kind]) for kind in kinds])))
    return {kind: KNOWN.decode(part) for kind, part in KNOWN.split(members).items()}


@given(kind=st.sampled_from(sorted(INPUTS)), data=st.data())
def test_a_stored_input_of_one_kind_is_read_back(kind: str, data: st.DataObject) -> None:
    found = data.draw(INPUTS[kind])
    assert stored([kind], {kind: found}) == {kind: (kind, found)}


@given(
    kinds=st.permutations(["sentiment", "count"]),
    inputs=st.fixed_dictionaries(INPUTS),
)
def test_the_stored_inputs_of_several_kinds_are_read_back(
    kinds: list[str], inputs: dict[str, Any]
) -> None:
    assert stored(kinds, inputs) == {kind: (kind, inputs[kind]) for kind in kinds}


def test_the_stored_input_of_the_default_kind_has_no_kind() -> None:
    """Rows and messages of older versions have the same form."""
    pipelines = [SENTIMENT, COUNT]
    assert Registry(pipelines).encode([("sentiment", SentimentInput("a"))]) == {"text": "a"}


def test_the_kinds_of_a_task_are_stored_once() -> None:
    """A stored drink of `complete` has a kind of its own."""
    drink = Request(("milk",), "complete")
    found = KNOWN.encode([("complete", drink), ("sentiment", SentimentInput("a"))])
    assert found["kind"] == ["complete", "sentiment"]


@pytest.mark.parametrize("extra", [{"mood": 1}, {"top_k": 1}, {"text": 5}])
def test_a_stored_input_that_this_version_cannot_read_is_refused(extra: dict[str, Any]) -> None:
    with pytest.raises(InputInvalid):
        KNOWN.decode({"kind": "sentiment", "text": "a", **extra})


def test_an_unknown_stored_field_is_in_every_part() -> None:
    """None of the kinds can tell what it means, so none may ignore it."""
    parts = KNOWN.split({"kind": ["sentiment", "count"], "text": "a", "mood": 1})
    assert [part["mood"] for part in parts.values()] == [1, 1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(kind=JSON | st.lists(st.sampled_from(["next", "stir", "count"]), max_size=3))
def test_any_stored_kind_is_split_and_refused_or_read(kind: Any) -> None:
    for part in KNOWN.split({"kind": kind, "text": "a"}).values():
        try:
            found, _ = KNOWN.decode(part)
        except (InputInvalid, RequestInvalid):
            continue
        assert found in KNOWN
