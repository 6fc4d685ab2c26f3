import pytest

from tasks.document_keys import format_of, part_key, result_key


@pytest.mark.parametrize(("key", "form"), [("uploads/me/d.txt", "text"), ("d.jsonl", "jsonl")])
def test_the_suffix_of_a_document_is_its_format(key: str, form: str) -> None:
    assert format_of(key) == form


def test_the_names_of_results_and_parts_have_the_letters_and_digits_of_the_etag() -> None:
    """An ETag has quotes, and that of a file uploaded in parts a hyphen."""
    etag = '"aZ09/+ф-2"'
    assert result_key("me", "t1", "v1", etag) == "results/me/t1-v1-aZ09-2.jsonl"
    assert part_key("me", "t1", 5, 9, etag) == "parts/me/t1/aZ09-2/5-9.jsonl"


def test_without_an_etag_the_names_are_those_of_version_0_1() -> None:
    assert result_key("me", "t1", "v1", "") == "results/me/t1-v1.jsonl"
    assert part_key("me", "t1", 5, 9, "") == "parts/me/t1/5-9.jsonl"
