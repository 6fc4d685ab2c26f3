"""What `make bench` measures does the functions' work; how long it takes is nobody's promise."""

from __future__ import annotations

import pytest

from benchmarks import cold_start


@pytest.mark.parametrize("function", cold_start.COMPARED)
def test_the_first_answer_is_right_without_any_aws(function: str) -> None:
    """The handlers make clients and sign requests, and the stub answers them."""
    modules = cold_start.start(function, "modules").report["modules"]
    assert {"botocore.client", f"functions.{function}.handler"} <= set(modules)


def test_what_is_compared_imports_the_same() -> None:
    """The process that only imports says so, and one that cannot start is an error."""
    assert cold_start.start("worker", "imports", ["json"]).report["rss"] > 0
    with pytest.raises(RuntimeError, match="did not start"):
        cold_start.start("nobody", "answer")
