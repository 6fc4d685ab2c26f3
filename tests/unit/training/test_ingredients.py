"""The ingredients table, and the data set that is built with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suggester.looks import Look
from training.dataset import build_dataset
from training.errors import DataInvalid, DataTooSmall
from training.ingredients import Ingredient, read_ingredients, resolve_names
from training.recipes.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id\ten\tru\trole\taliases\n"
MILK = Ingredient("milk", "milk", "молоко", "base", ("cow's milk",))
MINT = Ingredient("mint", "mint", "мята", "additive")
TEA = Ingredient("tea", "tea", "чай", "both")


def recipes_of(*drinks: str) -> list[Recipe]:
    return [
        Recipe(frozenset(drink.split()), f"line {number}")
        for number, drink in enumerate(drinks, start=1)
    ]


def test_ingredients_are_read(tmp_path: Path) -> None:
    """A line has an id, names, a role and aliases; trailing cells may be missing."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(HEADER + "milk\tmilk\tмолоко\tbase\tcow's milk\nmint\tmint\tмята\tadditive\n")
    assert read_ingredients(path) == [MILK, MINT]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name\trole\n", "line 1"),
        (HEADER + "milk\tmilk\t\tdrink\t\n", "line 2"),
        (HEADER + "milk\tmilk\t\tbase\t\n\t\t\tbase\t\n", "line 3"),
        (HEADER + "milk\tmilk\t\tbase\t\nkefir\tkefir\t\tbase\tMILK\n", "line 3"),
    ],
)
def test_an_error_in_the_table_names_the_line(tmp_path: Path, text: str, place: str) -> None:
    """A wrong header, an unknown role, a missing id and a repeated name are refused."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(text)
    with pytest.raises(DataInvalid, match=place):
        read_ingredients(path)


def test_all_problems_of_the_table_are_listed_at_once(tmp_path: Path) -> None:
    """The error names each line, also several problems of one line."""
    path = tmp_path / "ingredients.tsv"
    lines = ["milk\tmilk\t\tdrink\ta\x07b", "tea\ttea\t\tbase\t", "\t\t\tbase\t"]
    lines += ["kefir\tkefir\t\tbase\tTea;kefir", "ayran\tayran\t\tbase\tkefir"]
    path.write_text(HEADER + "\n".join(lines), encoding="utf-8")
    with pytest.raises(DataInvalid) as caught:
        read_ingredients(path)
    places = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert places == ["line 2", "line 2", "line 4", "line 5", "line 6"]
    assert "'kefir' is already a name of kefir" in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "contains"),
    [
        ("", None),
        (" ", None),
        ("-", ()),
        ("dairy", ("dairy",)),
        ("soy; dairy;soy", ("dairy", "soy")),
        ("tree-nuts;e102", ("e102", "tree-nuts")),
    ],
)
def test_the_table_may_have_a_column_of_groups(
    tmp_path: Path, cell: str, contains: tuple[str, ...] | None
) -> None:
    """`-` means that an ingredient contains nothing of any group; an empty cell means no data."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(
        HEADER.replace("\n", "\tcontains\n") + f"milk\tmilk\t\tbase\t\t{cell}\ntea\ttea\t\tbase"
    )
    assert [entry.contains for entry in read_ingredients(path)] == [contains, None]


@pytest.mark.parametrize("cell", ["Dairy", "milk products", "dairy;", "-;dairy", ";", "group:soy"])
def test_a_wrong_group_is_refused(tmp_path: Path, cell: str) -> None:
    """A group that no request could name would never be excluded."""
    path = tmp_path / "ingredients.tsv"
    lines = [f"milk\tmilk\t\tbase\t\t{cell}", "tea\ttea\t\tdrink\t\t"]
    path.write_text(HEADER.replace("\n", "\tcontains\n") + "\n".join(lines))
    with pytest.raises(DataInvalid, match=r"(?s)line 2: '.*' cannot be a group; .*line 3: "):
        read_ingredients(path)


LOOKS = HEADER.replace("\n", "\tcontains\tshelf\tform\tcolour\n")


def test_the_table_may_have_the_look_of_ingredients(tmp_path: Path) -> None:
    """Empty cells mean that there are no data."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(LOOKS + "milk\tmilk\t\tbase\t\tdairy\tmilk\tliquid\t#fbf6ea\ntea\ttea\t\tbase")
    looks = [entry.look for entry in read_ingredients(path)]
    assert looks == [Look("milk", "liquid", "#fbf6ea"), None]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("Milk\tliquid\t#fbf6ea", "'Milk' cannot be a shelf"),
        ("milk\tgas\t#fbf6ea", "unknown form 'gas'"),
        ("milk\tliquid\twhite", "'white' is not a colour"),
        ("milk\tliquid\t", "'' is not a colour"),
    ],
)
def test_a_wrong_look_is_refused(tmp_path: Path, cells: str, problem: str) -> None:
    """A page could not draw it."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(f"{LOOKS}milk\tmilk\t\tbase\t\tdairy\t{cells}\n")
    with pytest.raises(DataInvalid, match=f"line 2: {problem}"):
        read_ingredients(path)


def test_groups_without_their_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ingredients.tsv"
    path.write_text(HEADER + "milk\tmilk\t\tbase\t\tdairy")
    with pytest.raises(DataInvalid, match=r"line 2: write id en ru role aliases, separated"):
        read_ingredients(path)


def test_a_long_list_of_problems_ends_with_their_number(tmp_path: Path) -> None:
    """A table in the wrong form does not fill the terminal."""
    path = tmp_path / "ingredients.tsv"
    path.write_text(HEADER + "milk\n" * 50)
    with pytest.raises(DataInvalid, match=r"50 problems") as caught:
        read_ingredients(path)
    assert str(caught.value).splitlines()[-1] == "  and 30 more"


@pytest.mark.parametrize("cell", range(5), ids=["id", "en", "ru", "role", "aliases"])
@pytest.mark.parametrize("name", ["m" * 65, "mi\x07lk", "milk;tea", "Group:dairy"], ids=ascii)
def test_a_name_that_no_request_could_contain_is_refused(
    tmp_path: Path, cell: int, name: str
) -> None:
    """Such an ingredient could be suggested, but not excluded. A `;` separates two aliases."""
    cells = ["milk", "milk", "молоко", "base", ""]
    cells[cell] = name
    path = tmp_path / "ingredients.tsv"
    path.write_text(HEADER + "\t".join(cells), encoding="utf-8")
    if cell == 4 and ";" in name:
        assert read_ingredients(path)[0].aliases == ("milk", "tea")
        return
    with pytest.raises(DataInvalid, match="line 2"):
        read_ingredients(path)


def test_every_name_resolves_to_its_id(tmp_path: Path) -> None:
    """The English name, the Russian name and an alias are the same ingredient."""
    recipes = [Recipe(frozenset({"молоко", "cow's milk", "mint"}), "line 1")]
    (resolved,) = resolve_names(recipes, [MILK, MINT], tmp_path)
    assert resolved.names == {"milk", "mint"}


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    """The error names the line, the name and the most similar name."""
    with pytest.raises(DataInvalid, match=r"line 2: 'mnit'.*did you mean mint"):
        resolve_names(recipes_of("milk mint", "milk mnit"), [MILK, MINT], tmp_path)


def test_all_unknown_names_are_listed_at_once(tmp_path: Path) -> None:
    """Each is listed once, with its first place, in the order of the places."""
    recipes = recipes_of("tonic milk", "milk mnit", "mnit cola tonic")
    with pytest.raises(DataInvalid, match="3 problems") as caught:
        resolve_names(recipes, [MILK, MINT], tmp_path)
    found = [line.split(" is not")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert found == ["line 1: 'tonic'", "line 2: 'mnit'", "line 3: 'cola'"]


def test_an_unknown_name_without_similar_names_is_refused(tmp_path: Path) -> None:
    """The error says what to do."""
    with pytest.raises(DataInvalid, match=r"'xyzzy'.*add it to the ingredients"):
        resolve_names(recipes_of("milk xyzzy"), [MILK, MINT], tmp_path)


def test_rare_names_are_dropped() -> None:
    """Names in fewer than `min_count` recipes are dropped, and so are empty recipes."""
    dataset = build_dataset(recipes_of("tea mint", "tea mint rose", "kefir"), min_count=2)
    assert [entry.id for entry in dataset.ingredients] == ["mint", "tea"]
    assert dataset.recipes.multi_hot().tolist() == [[1, 1], [1, 1]]


def test_too_few_names_are_refused() -> None:
    """A minimum count that leaves no name is an expected error."""
    with pytest.raises(DataTooSmall):
        build_dataset(recipes_of("tea mint"), min_count=2)
