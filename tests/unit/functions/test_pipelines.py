import pytest

from functions.worker.failures import Permanent, Transient, Unreadable
from functions.worker.pipelines import answer_with
from tasks.task import ErrorType
from tests.fakes import FakeEngine, small_pipelines


def test_a_result_has_the_added_ids_the_suggestions_and_the_model() -> None:
    suggest = answer_with(small_pipelines())
    [result] = suggest([{"ingredients": ["milk"], "top_k": 1}])
    assert result["added"] == ("ginger",)
    assert result["model"] == "test"
    assert [item["ingredient"] for item in result["suggestions"]] == ["ginger"]


@pytest.mark.parametrize(
    ("fields", "error_type", "reason"),
    [
        ({"ingredients": ["milk"], "only": []}, ErrorType.EMPTY_MASK, "exclude less"),
        ({"ingredients": ["gin"]}, ErrorType.PREDICTION_FAILED, "vocabulary"),
    ],
)
def test_an_unusable_input_is_a_permanent_failure(
    fields: dict[str, object], error_type: ErrorType, reason: str
) -> None:
    """The owner learns the reason."""
    with pytest.raises(Permanent, match=reason) as raised:
        answer_with(small_pipelines())([fields])
    assert raised.value.error.type is error_type


@pytest.mark.parametrize("fields", [{"kind": "stir"}, {"colour": "red"}, {"top_k": "all"}])
def test_an_input_in_an_unknown_form_is_unreadable(fields: dict[str, object]) -> None:
    """An API of another version accepted it."""
    with pytest.raises(Unreadable):
        answer_with(small_pipelines())([fields])


@pytest.mark.parametrize("error", [MemoryError(), OSError(), TimeoutError()])
def test_a_lack_of_memory_or_an_io_error_is_a_transient_failure(error: Exception) -> None:
    class Broken(FakeEngine):
        def logits(self, _: object) -> object:  # type: ignore[override]
            raise error

    with pytest.raises(Transient):
        answer_with(small_pipelines(Broken()))([{"ingredients": ["milk"]}])
