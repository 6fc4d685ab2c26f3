"""Recipes are read from every format, and an error names the place in the file."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from training.errors import DataInvalid
from training.recipes.cleaning import clean
from training.recipes.reading import read_recipes

if TYPE_CHECKING:
    from pathlib import Path

    from training.recipes.recipe import Recipe

DRINKS = [["milk", "strawberry"], ["black tea", "lemon", "sugar"]]
FORMATS = {
    ".tsv": "milk\tstrawberry\nblack tea\tlemon\tsugar\n",
    ".csv": "milk;strawberry\nblack tea;lemon;sugar\n",
    ".txt": "milk; strawberry\r\n\r\nblack tea; lemon; sugar;;\r\n",
    ".json": json.dumps([{"ingredients": drink} for drink in DRINKS]),
    ".jsonl": "\n".join(json.dumps({"name": "x", "ingredients": drink}) for drink in DRINKS),
}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path) -> list[Recipe]:
    reading = read_recipes(path)
    clean(reading, path)
    return reading.recipes


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_recipes(tmp_path: Path, suffix: str) -> None:
    """Recipes do not depend on the format."""
    path = write(tmp_path, f"drinks{suffix}", FORMATS[suffix])
    assert [set(recipe.names) for recipe in read(path)] == [set(d) for d in DRINKS]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_may_be_compressed(tmp_path: Path, suffix: str) -> None:
    """A .gz file gives the same recipes."""
    path = write(tmp_path, f"drinks{suffix}.gz", gzip.compress(FORMATS[suffix].encode()))
    assert [set(recipe.names) for recipe in read(path)] == [set(d) for d in DRINKS]


def test_names_are_normalised(tmp_path: Path) -> None:
    """Case, spaces, a byte order mark and decomposed letters do not make a new ingredient."""
    path = write(
        tmp_path, "drinks.tsv", "\ufeff MILK \tgreen \u00a0 tea\tacai\u0327\tcafe\u0301\tmilk\n"
    )
    assert read(path)[0].names == {"milk", "green tea", "acai\u0327", "caf\u00e9"}


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.jsonl", '{"ingredients": ["a", "b"]}\n{"ingredients": ["a",', "line 2"),
        ("a.jsonl", '{"ingredients": ["a", "b"]}\n\n["a"]\n', "line 3"),
        ("a.jsonl", '{"ingredients": ["a", 7]}\n', "line 1"),
        ("a.json", '[{"ingredients": ["a", "b"]},\n {"ingredients": }]', "line 2"),
        ("a.json", '[{"ingredients": ["a", "b"]}, {"name": "x"}]', "index 1"),
        ("a.json", '[{"ingredients": ["a", "b"]}, {"ingredients": [{"x": "c"}]}]', "index 1"),
        ("a.json", '[{"ingredients": ["a", "b"]}, {"ingredients": 7}]', "index 1"),
        ("a.csv", 'a,"b"\na,"b"c\n', "line 2"),
        ("a.csv", 'a,"b"\na,"c\n', "line 2"),
        ("a.tsv", b"a\tb\nc\t\xff\n", "line 2"),
        ("a.json", b'[{"ingredients":\n["a",\n"\xff"]}]', "line 3"),
        ("a.tsv", "a\tb\nc\t#9\n", "line 2"),
        ("a.csv", "a;b\nc;d\x00e\n", "line 2"),
        ("a.jsonl", '{"ingredients": ["a", "b"]}\n' + "[" * 100_000, "line 2"),
    ],
)
def test_an_error_names_the_place(
    tmp_path: Path, name: str, content: str | bytes, place: str
) -> None:
    """The error names the file and the line, or the index in a JSON list."""
    path = write(tmp_path, name, content)
    with pytest.raises(DataInvalid) as caught:
        read(path)
    assert f"{path}, {place}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", "a;b"),
        ("a.csv", "milk/strawberry\ntea/lemon\n"),
        ("a.csv", "name,category\nmojito,long\nnegroni,short\n"),
        ("a.csv", "id,en,ru,role,aliases\nmilk,milk,,base,\n"),
        ("a.csv", "milk,tea,water\n1,0,1\n0,1,1\n0,1,2\n3,4,5\n"),
        ("a.csv", bytes(range(256))),
        ("a.csv.gz", gzip.compress(b"", mtime=0)),
        ("a.csv", ""),
        ("a.json", '{"ingredients": "a"}'),
        ("a.json", '{"drinks": null}'),
        ("a.json", '{"a": [1], "b": [2]}'),
        ("a.json", "[" * 100_000),
        ("a.json", "9" * 5000),
        ("a.tsv.gz", b"this was never compressed"),
        ("a.tsv.gz", gzip.compress(b"a\tb\n" * 9999, mtime=0)[:-20]),
    ],
)
def test_an_unreadable_file_is_refused(tmp_path: Path, name: str, content: str | bytes) -> None:
    """The error for an unknown format, a wrong separator or a damaged .gz names the file."""
    path = write(tmp_path, name, content)
    with pytest.raises(DataInvalid, match=name):
        read(path)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_spreadsheet_must_be_saved_as_text(tmp_path: Path, name: str) -> None:
    """The error says how, also if only the file's name was changed."""
    path = write(tmp_path, name, b"PK\x03\x04 a;b")
    with pytest.raises(DataInvalid, match=r"ave .* as CSV UTF-8"):
        read(path)


@pytest.mark.parametrize(
    "name",
    ["m" * 65, "\ufdfa" * 4, "milk;tea", "mi\x07lk", "\ud800"],
    ids=ascii,
)
def test_a_name_that_no_request_could_contain_is_refused(tmp_path: Path, name: str) -> None:
    """Such an ingredient could be suggested, but not excluded."""
    path = write(tmp_path, "a.json", json.dumps([{"ingredients": ["tea", name]}]))
    with pytest.raises(DataInvalid, match=r"index 0: .* 1 to 64 characters and no ';'"):
        read(path)


def test_a_name_of_a_group_is_refused(tmp_path: Path) -> None:
    """In a request it would not stand for the ingredient."""
    path = write(tmp_path, "a.json", json.dumps([{"ingredients": ["tea", "GROUP:dairy"]}]))
    with pytest.raises(DataInvalid, match=r"index 0: 'group:dairy' cannot be a name; in requests"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A missing file is an expected error."""
    with pytest.raises(DataInvalid, match=r"nowhere\.tsv"):
        read(tmp_path / "nowhere.tsv")
