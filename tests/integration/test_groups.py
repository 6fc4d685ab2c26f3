"""Allergen groups from the clients to the worker, on the whole local stack."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from barback import ApiError, AsyncBarback, Barback, Drink, Group
from barback._cli.app import cli
from typer.testing import CliRunner

from infra.local.stack import running_stack
from tests.grouped_model import GROUPS, write_grouped_model

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 30.0  # seconds
# Honey has no data. Without an exclusion, these are among the suggestions.
DAIRY = {"milk", "yogurt", "cream", "vanilla ice cream", "honey"}
DRINK = ["strawberry", "banana"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a stack whose model has groups."""
    folder = write_grouped_model(tmp_path_factory.mktemp("model") / "artifacts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_DIR", str(folder))
        with running_stack() as url:
            yield url


def test_ingredients_and_groups_are_listed(url: str) -> None:
    with Barback(url) as bar:
        contains = {found.id: found.contains for found in bar.ingredients()}
        groups = bar.groups()
    assert (contains["milk"], contains["honey"], contains["water"]) == (("dairy",), None, ())
    dairy = [name for name, found in GROUPS.items() if found is None or "dairy" in found]
    assert groups[0] == Group("group:dairy", len(dairy))
    assert [group.group for group in groups[1:]] == ["group:nuts", "group:peanut", "group:x-rays"]


def test_the_clients_exclude_a_group(url: str) -> None:
    """In one drink, in a completion and in an array."""

    async def suggest() -> set[str]:
        async with AsyncBarback(url) as bar:
            found = await bar.suggest(DRINK, exclude=["Group:Dairy"], top_k=20)
        return {item.ingredient for item in found.suggestions}

    with Barback(url) as bar:
        usual = bar.suggest(DRINK, top_k=20)
        assert DAIRY & {item.ingredient for item in usual.suggestions}
        single = bar.suggest(DRINK, exclude=["group:dairy"], top_k=20)
        complete = bar.complete(DRINK, length=8, exclude=["group:dairy"])
        array = bar.answer([Drink(DRINK, exclude=["group:dairy"], priority="bulk")] * 3, wait=WAIT)
    found = [{item.ingredient for item in result.suggestions} for result in (single, *array)]
    assert all(found)
    assert not DAIRY & set().union(*found, complete.names, asyncio.run(suggest()))


def test_a_document_excludes_groups(url: str) -> None:
    """Those of the document and those of a line add up."""
    document = b'["strawberry"]\n{"ingredients": ["banana"], "exclude": ["group:nuts"]}\n'
    with Barback(url) as bar:
        defaults = Drink(exclude=["group:dairy"], top_k=20)
        task = bar.submit_document(document, defaults=defaults)
        lines = bar.lines(bar.result(task, wait=WAIT))
    suggested = [{item.ingredient for item in line.suggestions} for line in lines]
    assert all(suggested)
    assert not suggested[0] & DAIRY
    assert not suggested[1] & {*DAIRY, "almond milk"}


def test_the_command_line_excludes_a_group(url: str) -> None:
    options = ["--url", url, "suggest", *DRINK, "--top-k", "20"]
    done = CliRunner().invoke(cli, [*options, "--exclude", "group:dairy"])
    assert done.exit_code == 0, done.output
    names = {line.split("\t")[0] for line in done.stdout.splitlines()}
    assert names
    assert not names & DAIRY
    refused = CliRunner().invoke(cli, [*options, "--exclude", "group:dairi"])
    assert refused.exit_code == 3
    assert "did you mean group:dairy?" in refused.stderr


def test_an_unknown_group_is_refused(url: str) -> None:
    """The known ones are named."""
    with Barback(url) as bar, pytest.raises(ApiError) as refused:
        bar.suggest(DRINK, exclude=["group:lupin"])
    assert refused.value.status == 422
    assert "the groups are group:dairy, group:nuts, group:peanut, group:x-rays" in str(
        refused.value
    )
