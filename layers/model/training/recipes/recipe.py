"""A recipe, and what was understood of the files that contain the recipes."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.recipes.labels import NO_LABEL, Label


@dataclass(frozen=True, slots=True)
class Recipe:
    """A set of normalised ingredient names.

    Attributes:
        names: the ingredients.
        place: the place in the file: `line 3` or `index 2`.
        label: the recipe's own name and category.
    """

    names: frozenset[str]
    place: str
    label: Label = NO_LABEL


@dataclass
class Reading:
    """Recipes, and what was understood of their files.

    Attributes:
        recipes: the recipes, in the order of the files.
        layouts: a description of the form of each file, by file name.
        warnings: sentences about suspicious files.
        other_files: the names of files in the folder that contain no recipes.
        empty_names: how many names were empty.
        empty_recipes: how many recipes contained no name.
        merged: the shorter form of each name that has a quantity, such as `2 cl gin`.
        unusable: how often each name occurred that no request can contain.
    """

    recipes: list[Recipe] = field(default_factory=list)
    layouts: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    other_files: list[str] = field(default_factory=list)
    empty_names: int = 0
    empty_recipes: int = 0
    merged: dict[str, str] = field(default_factory=dict)
    unusable: dict[str, int] = field(default_factory=dict)
