"""Suspicious data produce a warning, and what was understood is reported in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from training.dataset import DatasetFiles
from training.errors import DataInvalid
from training.recipes.cleaning import merge_names
from training.recipes.reading import read_recipes

if TYPE_CHECKING:
    from pathlib import Path

BASES = ["milk", "black tea", "coffee", "water"]
ADDITIVES = ["sugar", "honey", "lemon", "ice", "mint"]
DRINKS = [[BASES[row % 4], ADDITIVES[row % 5], "salt"] for row in range(120)]


def write(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "a.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows))
    return path


def report(path: Path, columns: str | None = None, min_count: int = 1) -> list[str]:
    lines: list[str] = []
    DatasetFiles(path, None, columns).read(min_count, lines.append)
    return lines


def test_plain_data_are_reported_in_three_lines(tmp_path: Path) -> None:
    """The lines say which columns, how many recipes and ingredients, and what was dropped."""
    assert report(write(tmp_path, DRINKS)) == [
        "a.csv: all columns, no header, separated by commas",
        "120 recipes, 10 ingredients",
        "dropped: nothing",
    ]


def test_the_third_line_says_what_was_dropped(tmp_path: Path) -> None:
    """It counts names that no request can contain, rare names and shortened names."""
    rows = [*DRINKS, ["2 cl milk", "rose"], ["m" * 65, "fresh mint"], ["#1"]]
    assert report(write(tmp_path, rows), min_count=2)[2] == (
        f"dropped: 2 names unfit for requests ({'m' * 60}…, #1, …), 1 rare ingredient, 1 recipe "
        "without ingredients; shortened: 2 names ('2 cl milk' is 'milk', 'fresh mint' is 'mint', …)"
    )


def test_a_nearly_unique_first_column_is_left_out(tmp_path: Path) -> None:
    """It contains the names of the recipes. The warning says how to include it."""
    rows = [[f"drink {row}", *drink] for row, drink in enumerate(DRINKS)]
    lines = report(write(tmp_path, rows))
    assert lines[:2] == [
        "a.csv: all columns after the first, no header, separated by commas",
        "120 recipes, 10 ingredients",
    ]
    assert "COLUMNS=1- includes it" in lines[-1]
    assert report(write(tmp_path, rows), "1-")[1] == "120 recipes, 130 ingredients"


def test_names_and_lists_without_a_header_are_split(tmp_path: Path) -> None:
    """If one column is left, it may contain lists."""
    rows = [[f"drink {row}", ";".join(drink)] for row, drink in enumerate(DRINKS)]
    commas = report(write(tmp_path, rows))
    assert commas[:2] == [
        "a.csv: all columns after the first, no header with lists, separated by commas",
        "120 recipes, 10 ingredients",
    ]
    path = write(tmp_path, [])
    path.write_text("".join(f"{name};{names.replace(';', ',')}\n" for name, names in rows))
    assert report(path)[1:] == commas[1:]


def test_a_first_line_that_may_be_a_header_is_a_warning(tmp_path: Path) -> None:
    """It shares no name with the other lines. The names in it select the columns."""
    path = write(tmp_path, [["Getränk", "Zutat", "Zusatz"], *DRINKS])
    assert report(path)[-1].startswith("Warning: The first line has nothing in common")
    assert report(path, "getränk,zutat,zusatz")[1:] == [
        "120 recipes, 10 ingredients",
        "dropped: nothing",
    ]


def test_names_that_mostly_occur_once_are_a_warning(tmp_path: Path) -> None:
    """A free text gives such names. A network cannot learn them."""
    path = write(tmp_path, [[f"mix {row}", f"stir {row}", "salt"] for row in range(120)])
    assert "240 of 241 ingredients are in only one recipe" in report(path, "1-")[-1]


def test_few_recipes_are_a_warning(tmp_path: Path) -> None:
    """Three lines train a model, too, but no useful one."""
    assert report(write(tmp_path, DRINKS[:3]))[-1].startswith("Warning: 3 recipes are few")


def test_a_warning_about_a_file_in_a_folder_names_the_file(tmp_path: Path) -> None:
    """Another file may be fine."""
    write(tmp_path, [[f"drink {row}", *drink] for row, drink in enumerate(DRINKS)])
    assert report(tmp_path)[-1].startswith("Warning: a.csv, The first column is different")


def test_numbers_are_refused(tmp_path: Path) -> None:
    """A table with a column for each ingredient has zeros and ones in it."""
    path = write(tmp_path, [BASES, *(["0", "1", "0", "1"] for _ in range(120))])
    with pytest.raises(DataInvalid, match="most names are numbers"):
        read_recipes(path)


def test_names_that_nobody_can_request_are_refused_if_there_are_many(tmp_path: Path) -> None:
    """Then the wrong column was read. The error names the first place."""
    path = write(tmp_path, [*DRINKS, *(["m" * 65, "tea"] for _ in range(30))])
    with pytest.raises(DataInvalid, match=r"line 121: 'mmm.* 1 to 64 characters"):
        report(path)


@pytest.mark.parametrize(
    ("names", "known", "merged"),
    [
        (["2 cl fresh lime juice", "lime juice"], [], {"2 cl fresh lime juice": "lime juice"}),
        (["2 cl gin", "4 cl gin"], [], {"2 cl gin": "gin", "4 cl gin": "gin"}),
        (["2 cl gin", "tonic"], [], {}),
        (["7 up", "gin"], [], {}),
        (["2 cl gin"], ["gin"], {"2 cl gin": "gin"}),
        (["fresh mint", "mint"], ["fresh mint", "mint"], {}),
        (["2 fresh mint"], ["fresh mint", "mint"], {"2 fresh mint": "fresh mint"}),
        (["2 cl fresh mint"], ["mint"], {"2 cl fresh mint": "mint"}),
    ],
)
def test_a_quantity_is_removed_where_that_merges_names(
    names: list[str], known: list[str], merged: dict[str, str]
) -> None:
    """The shorter name is known, occurs too, or belongs to several names. Known names remain."""
    assert merge_names(names, known) == merged
