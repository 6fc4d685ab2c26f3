"""The files of a model that not every question needs. They are parsed when they are used first.

A model may lack each of them: one that was trained by an earlier version, or on other data.
"""

from __future__ import annotations

import io
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import numpy as np

from suggester.errors import ArtifactInvalid
from suggester.known_drinks import FILE, KnownDrinks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

    Floats = NDArray[np.float32]

CATEGORIES: Final = "categories.npz"
EMBEDDING: Final = "embedding.npz"
FILES: Final = (FILE, CATEGORIES, EMBEDDING)


class Knowledge:
    """What a model knows apart from its network, for N recipes over V ingredients."""

    def __init__(self, files: Mapping[str, bytes], recipes: int, vocabulary_size: int) -> None:
        self._files = files
        self._recipes = recipes
        self._columns = vocabulary_size

    @classmethod
    def load(cls, artifacts: Artifacts, recipes: int, vocabulary_size: int) -> Knowledge:
        """Read the files that the model card lists.

        Raises:
            ArtifactInvalid: one of them is missing or damaged.
        """
        listed = [name for name in FILES if name in artifacts.digests]
        files: dict[str, bytes] = {name: artifacts.read(name) for name in listed}
        return cls(files, recipes, vocabulary_size)

    @cached_property
    def drinks(self) -> KnownDrinks:
        """The names of the known drinks; without any if the model has none."""
        content = self._files.get(FILE)
        if content is None:
            return KnownDrinks([()] * self._recipes, ())
        return KnownDrinks.parse(content, self._recipes)

    @cached_property
    def classifier(self) -> tuple[Floats, Floats] | None:
        """The weights (V, C) and biases (C,) of the categories in `drinks`, or None."""
        arrays = self._arrays(CATEGORIES, ("weights", "bias"))
        if arrays is None:
            return None
        weights, bias = arrays
        if weights.shape != (self._columns, len(bias)) or len(bias) != len(self.drinks.categories):
            raise _invalid(CATEGORIES)
        return weights, bias

    @cached_property
    def embedding(self) -> Floats | None:
        """Vectors (V, D), whose product is the similarity of two ingredients' roles, or None."""
        arrays = self._arrays(EMBEDDING, ("embedding",))
        if arrays is not None and (arrays[0].ndim, len(arrays[0])) != (2, self._columns):
            raise _invalid(EMBEDDING)
        return None if arrays is None else arrays[0]

    def _arrays(self, name: str, keys: tuple[str, ...]) -> list[Floats] | None:
        content = self._files.get(name)
        if content is None:
            return None
        try:
            archive: Any = np.load(io.BytesIO(content), allow_pickle=False)
            return [archive[key].astype(np.float32) for key in keys]
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise _invalid(name) from error


def _invalid(name: str) -> ArtifactInvalid:
    return ArtifactInvalid(
        f"{name} does not belong to the other files in the same folder; train a model with "
        "`make train` or restore the file."
    )
