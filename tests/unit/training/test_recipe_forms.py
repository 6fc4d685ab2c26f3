"""Recipes are read in the forms in which spreadsheets, data sets and APIs have them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suggester.names import normalise
from training.errors import DataInvalid
from training.recipes.reading import read_recipes

if TYPE_CHECKING:
    from pathlib import Path

    from training.recipes.recipe import Reading

DRINKS = [{"milk", "strawberry"}, {"black tea", "lemon", "sugar"}]
WIDE = [
    ["Drink", "Ingredient 1", "Ingredient 2", "Ingredient 3", "Glass"],
    ["Shake", "Milk", "Strawberry", "", "tall"],
    ["Iced tea", "Black tea", "Lemon", "Sugar", "tall"],
]
COCKTAIL_DB = [
    {
        "idDrink": str(number),
        "strDrink": f"drink {number}",
        **{
            f"strIngredient{place}": (sorted(drink) + [None] * 15)[place - 1]
            for place in range(1, 16)
        },
        **{f"strMeasure{place}": "2 cl" for place in range(1, 16)},
    }
    for number, drink in enumerate(DRINKS)
]
NLG = ["", "title", "ingredients", "directions", "link", "source", "NER"]


def table(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue()


def nlg() -> str:
    rows = [
        ["0", "x", '["2 c. milk", "1 strawberry"]', '["Mix."]', "a", "b", '["milk", "strawberry"]'],
        ["1", "y", '["tea"]', '["Mix, stir."]', "a", "b", '["black tea", "lemon", "sugar"]'],
    ]
    return table([NLG, *rows])


FORMS: dict[str, tuple[str, str | bytes]] = {
    "commas": ("a.csv", table(WIDE)),
    "semicolons": ("a.csv", table(WIDE, ";")),
    "tabs": ("a.csv", table(WIDE, "\t")),
    "tabs in .tsv": ("a.tsv", table(WIDE, "\t")),
    "commas in .tsv": ("a.tsv", table(WIDE)),
    "CR": ("a.csv", table(WIDE, end="\r")),
    "CRLF": ("a.csv", table(WIDE, end="\r\n")),
    "BOM": ("a.csv", table(WIDE).encode("utf-8-sig")),
    "BOM before quotes": (
        "a.csv",
        '"ingredients","name"\n"milk;strawberry","x"\n"black tea;lemon;sugar","y"\n'.encode(
            "utf-8-sig"
        ),
    ),
    "UTF-16 little endian": ("a.txt", b"\xff\xfe" + table(WIDE, "\t").encode("utf-16-le")),
    "UTF-16 big endian": ("a.txt", b"\xfe\xff" + table(WIDE, "\t").encode("utf-16-be")),
    "sep= of Excel": ("a.csv", "sep=;\r\n" + table(WIDE, ";", "\r\n")),
    "sep= of another character": ("a.csv", "sep=|\n" + table(WIDE, "|")),
    "names in the first column": (
        "a.csv",
        """name,base,mixer,garnish,instructions
        Shake,milk,strawberry,,Mix it.
        Tea,black tea,lemon,sugar,Stir.""",
    ),
    "numbered columns of another language": (
        "a.csv",
        """Getränk;Menge 1;Zutat 1;Menge 2;Zutat 2;Menge 3;Zutat 3
        Shake;2 dl;milk;3;strawberry;;
        Tee;2 dl;black tea;1;lemon;5 g;sugar""",
    ),
    "Russian header": (
        "a.csv",
        "Название;Ингредиенты\nКоктейль;milk, strawberry\nЧай;black tea, lemon, sugar\n",
    ),
    "a list with commas": (
        "a.csv",
        'name,ingredients\nShake,"milk, strawberry"\nTea,"black tea, lemon, sugar"\n',
    ),
    "a list with semicolons": (
        "a.csv",
        "name,ingredients,glass\nShake,milk;strawberry,tall\nTea,black tea;lemon;sugar,tall\n",
    ),
    "a list with line ends": (
        "a.csv",
        'name,ingredients\nShake,"milk\nstrawberry"\nTea,"black tea\r\nlemon\r\nsugar"\n',
    ),
    "a list in JSON": (
        "a.csv",
        table(
            [
                ["name", "ingredients"],
                ["Shake", '["milk", null, "strawberr\\u0079"]'],
                ["Tea", '["black tea", "lemon", "sugar"]'],
            ]
        ),
    ),
    "a list in Python": (
        "a.csv",
        table(
            [
                ["name", "ingredients"],
                ["Shake", "['milk', 'strawberry']"],
                ["Tea", "['black tea', 'lemon', 'sugar']"],
            ]
        ),
    ),
    "only lists": ("a.csv", 'ingredients\n"milk, strawberry"\n"black tea, lemon, sugar"\n'),
    "a header before names": ("a.csv", "ingredients\nmilk;strawberry\nblack tea;lemon;sugar\n"),
    "longer lines than the header": (
        "a.csv",
        "name,ingredients\nShake,milk,strawberry\nTea,black tea,lemon,sugar\n",
    ),
    "RecipeNLG": ("a.csv", nlg()),
    "TheCocktailDB as a table": (
        "a.csv",
        table(
            [list(COCKTAIL_DB[0]), *([*map(str, each.values())] for each in COCKTAIL_DB)]
        ).replace("None", ""),
    ),
    "TheCocktailDB": ("a.json", json.dumps({"drinks": COCKTAIL_DB})),
    "What's Cooking": (
        "a.json",
        json.dumps(
            [
                {"id": number, "cuisine": "greek", "ingredients": sorted(drink)}
                for number, drink in enumerate(DRINKS)
            ]
        ),
    ),
    "Recipe1M": (
        "a.json",
        json.dumps(
            [
                {
                    "ingredients": [{"text": name} for name in sorted(drink)],
                    "url": "x",
                    "title": "y",
                    "instructions": [{"text": "Mix."}],
                }
                for drink in DRINKS
            ]
        ),
    ),
    "objects with an ingredient": (
        "a.jsonl",
        "\n".join(
            json.dumps({"ingredients": [{"ingredient": name, "amount": 4} for name in drink]})
            for drink in DRINKS
        ),
    ),
    "objects with a name": (
        "a.json",
        json.dumps(
            {"recipes": [{"ingredients": [{"name": name} for name in drink]} for drink in DRINKS]}
        ),
    ),
    "lines in .json": (
        "a.json",
        "\n".join(json.dumps({"ingredients": sorted(drink)}) for drink in DRINKS),
    ),
    "a text in JSON": (
        "a.jsonl",
        '{"ingredients": "milk, strawberry"}\n{"ingredients": "black tea, lemon, sugar"}',
    ),
}


def read(folder: Path, name: str, content: str | bytes, columns: str | None = None) -> Reading:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_recipes(path, columns)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_recipes(tmp_path: Path, form: str) -> None:
    """Separators, quotes, line ends, encodings and the place of the names make no difference."""
    assert [set(recipe.names) for recipe in read(tmp_path, *FORMS[form]).recipes] == DRINKS


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ("base", {"milk"}),
        ("base,garnish", {"milk", "mint"}),
        ("Mixer", {"syrup"}),
        ("2-3", {"milk", "syrup"}),
        ("2,4", {"milk", "mint"}),
        ("3-", {"syrup", "mint", "tall"}),
        ("1-9", {"shake", "milk", "syrup", "mint", "tall"}),
    ],
)
def test_columns_override_the_guess(tmp_path: Path, columns: str, names: set[str]) -> None:
    """They are names in the header, numbers from 1, or a range of numbers."""
    text = "name,base,mixer,garnish,glass\nshake,milk,syrup,mint,tall\nx,a,b,c,d\ny,a;b,c;d,e;f,g"
    if len(names) > 1:
        assert read(tmp_path, "a.csv", text, columns).recipes[0].names == names
    else:
        listed = text.replace("milk", "milk;tea").replace("syrup", "syrup;tea")
        assert read(tmp_path, "a.csv", listed, columns).recipes[0].names == names | {"tea"}


@pytest.mark.parametrize("columns", ["nothing", "0", "6-7"])
def test_a_column_that_does_not_exist_is_refused(tmp_path: Path, columns: str) -> None:
    """The error names the columns that exist."""
    text = "name,base,mixer,garnish,glass\nshake,milk,syrup,mint,tall\n"
    with pytest.raises(DataInvalid, match=rf"'{columns}'; the first line is name, base"):
        read(tmp_path, "a.csv", text, columns)


def test_columns_are_fields_of_json(tmp_path: Path) -> None:
    """A field that is not known needs its name."""
    text = json.dumps([{"parts": ["milk", "tea"]}])
    with pytest.raises(DataInvalid, match="COLUMNS="):
        read(tmp_path, "a.json", text)
    assert read(tmp_path, "a.json", text, "Parts").recipes[0].names == {"milk", "tea"}


@pytest.mark.parametrize(
    "text",
    [
        '[{"ingredients": ["milk", "", "tea", null, " ", {"name": ""}]}, {"ingredients": [""]}]',
        '[{"ingredients": ["milk", "tea", "\u200b", "", "", ""]}, {"ingredients": []}]',
    ],
)
def test_an_empty_name_is_dropped(tmp_path: Path, text: str) -> None:
    """It drops neither the recipe nor the file, and is counted. So is a recipe without names."""
    reading = read(tmp_path, "a.json", text)
    assert [set(recipe.names) for recipe in reading.recipes] == [{"milk", "tea"}]
    assert (reading.empty_names >= 4, reading.empty_recipes) == (True, 1)


def test_an_empty_cell_is_no_empty_name(tmp_path: Path) -> None:
    """A table with 15 columns does not have a drink with 15 names."""
    assert read(tmp_path, *FORMS["TheCocktailDB"]).empty_names == 0
    assert read(tmp_path, *FORMS["commas"]).empty_names == 0


def test_a_folder_is_read_in_the_order_of_the_names(tmp_path: Path) -> None:
    """All forms may be mixed. Files without recipes are named, and hidden files are ignored."""
    (tmp_path / "b").mkdir()
    read(tmp_path, "b/nlg.csv", nlg())
    read(tmp_path, "a.json", json.dumps({"drinks": COCKTAIL_DB}))
    for name, text in {
        "c.json": '{"drinks": null}',
        "sample_submission.csv": "id,cuisine\n1,greek\n",
        "picture.png": "",
        ".hidden.csv": "a;b",
    }.items():
        (tmp_path / name).write_text(text)
    reading = read_recipes(tmp_path)
    assert [set(recipe.names) for recipe in reading.recipes] == [*DRINKS, *DRINKS]
    places = ["a.json, index 0", "a.json, index 1", "b/nlg.csv, line 2", "b/nlg.csv, line 3"]
    assert [recipe.place for recipe in reading.recipes] == places
    assert reading.other_files == ["sample_submission.csv"]


@pytest.mark.parametrize(
    "cell", [r"""['tea, green', "baker's sugar"]""", r"""["tea, green", "baker\u0027s sugar"]"""]
)
def test_a_name_in_a_list_may_contain_commas_and_quotes(tmp_path: Path, cell: str) -> None:
    """Lists of Python and of JSON are parsed as such."""
    reading = read(tmp_path, "a.csv", table([["name", "ingredients"], ["x", cell]]))
    assert reading.recipes[0].names == {"tea, green", "baker's sugar"}


def test_tabs_separate_names_with_commas(tmp_path: Path) -> None:
    """In a .tsv file, tabs have priority, even if other characters split more lines."""
    reading = read(tmp_path, "a.tsv", "sugar, brown\nsugar, white\ttea, black\n")
    assert reading.recipes[1].names == {"sugar, white", "tea, black"}


def test_a_folder_may_have_a_file_for_each_recipe(tmp_path: Path) -> None:
    """Then each file contains one object."""
    for number, drink in enumerate(DRINKS):
        text = json.dumps({"name": "x", "ingredients": sorted(drink), "steps": ["Mix."]})
        (tmp_path / f"{number}.json").write_text(text)
    assert [set(recipe.names) for recipe in read_recipes(tmp_path).recipes] == DRINKS


def test_a_malformed_file_in_a_folder_is_refused(tmp_path: Path) -> None:
    """It is not taken for a file without recipes."""
    (tmp_path / "a.csv").write_text("milk;tea\n")
    (tmp_path / "b.json").write_text("[")
    with pytest.raises(DataInvalid, match=r"b\.json, line 1"):
        read_recipes(tmp_path)


def test_a_folder_without_recipes_is_refused(tmp_path: Path) -> None:
    """The error says which files are read."""
    (tmp_path / "a.xlsx").write_text("")
    with pytest.raises(DataInvalid, match=r"no file of recipes; their names end in \.tsv"):
        read_recipes(tmp_path)


NAMES = st.text(
    st.characters(
        exclude_categories=["C", "Z"], include_characters=' ;,\t"', exclude_characters="№"
    ),
    min_size=1,
    max_size=12,
).map(lambda name: f"a{name}".strip())


@settings(max_examples=50)
@given(
    rows=st.lists(st.lists(NAMES, min_size=3, max_size=3), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_spreadsheet_writes_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    rows: list[list[str]],
    delimiter: str,
    end: str,
    quoting: int,
    encoding: str,
) -> None:
    """The cells survive any separator, line end, quoting and encoding."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["drink", "ingredient 1", "ingredient 2"], ["x", "milk", "tea"], *rows])
    path = tmp_path_factory.getbasetemp() / "a.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    found = [recipe.names for recipe in read_recipes(path).recipes]
    assert found == [{"milk", "tea"}, *(frozenset(map(normalise, row[1:])) for row in rows)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ingredients", "name", "text", "strIngredient1", "drinks"]), inner
        )
    ),
)


@settings(max_examples=50)
@given(
    content=st.binary(max_size=60)
    | st.text("ab12;,|\t\n\r\"'[]{}=№ ", max_size=60).map(str.encode)
    | VALUES.map(json.dumps).map(str.encode),
    suffix=st.sampled_from([".csv", ".tsv", ".txt", ".json", ".jsonl", ".csv.gz"]),
    columns=st.sampled_from([None, "1", "2-", "name", "ingredients,name"]),
)
def test_any_file_is_read_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str, columns: str | None
) -> None:
    """There is no other error."""
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    with contextlib.suppress(DataInvalid):
        assert read_recipes(path, columns).recipes
