import pytest

from functions.worker.drink_processor import answer_with
from functions.worker.failures import Permanent, Transient
from tasks.task import ErrorType
from tests.fakes import FakeEngine, small_suggester


def test_an_input_is_answered_in_the_row_s_terms() -> None:
    """A result holds what to add, the suggestions and the model's version, as JSON."""
    suggest = answer_with(small_suggester())
    [result] = suggest([{"ingredients": ["milk"], "top_k": 1}])
    assert result["added"] == ("ginger",)
    assert result["model"] == "test"
    assert [item["ingredient"] for item in result["suggestions"]] == ["ginger"]


@pytest.mark.parametrize(
    ("fields", "error_type"),
    [
        ({"ingredients": ["milk"], "only": []}, ErrorType.EMPTY_MASK),
        ({"ingredients": ["gin"]}, ErrorType.PREDICTION_FAILED),
        ({"kind": "stir"}, ErrorType.PREDICTION_FAILED),
        ({"unheard": "of"}, ErrorType.PREDICTION_FAILED),
    ],
)
def test_what_the_model_will_never_answer_is_permanent(
    fields: dict[str, object], error_type: ErrorType
) -> None:
    """Each error of the suggester that is the input's own fault has its type in the row."""
    with pytest.raises(Permanent) as raised:
        answer_with(small_suggester())([fields])
    assert raised.value.error.type is error_type


@pytest.mark.parametrize("error", [MemoryError(), OSError(), TimeoutError()])
def test_what_may_pass_is_transient(error: Exception) -> None:
    """A lack of memory or of an answer is worth another try."""

    class Broken(FakeEngine):
        def logits(self, _: object) -> object:  # type: ignore[override]
            raise error

    with pytest.raises(Transient):
        answer_with(small_suggester(Broken()))([{"ingredients": ["milk"]}])
