"""The ranker: probabilities over the vocabulary, from the network, the vote and the masks."""

from __future__ import annotations

import io
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from suggester.completions import Completions
from suggester.engines import load_engine
from suggester.errors import ArtifactInvalid, NetworkInvalid
from suggester.knowledge import Knowledge
from suggester.masks import Masks, probabilities_within
from suggester.neighbours import Neighbours, blend
from suggester.recipe_index import RecipeIndex
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts
    from suggester.engines import Engine
    from suggester.extraction import Extractor

    Floats = NDArray[np.float32]
    Booleans = NDArray[np.bool_]

RARE: Final = 0.01  # the share of the recipes that is added to each frequency


class Ranker:
    """Ranks the V ingredients of a vocabulary for each drink of a batch.

    Attributes:
        vocabulary: the ingredients.
        ids: the ids of the ingredients, (V,), in the order of the network's columns.
        masks: the masks over the vocabulary.
        neighbours: the vote of the recipes.
        recipes: the N distinct recipes.
        completions: finishes drinks with the recipes.
        knowledge: the files that not every question needs.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        engine: Engine,
        neighbours: Neighbours,
        recipes: RecipeIndex,
        *,
        weight: float,
        knowledge: Knowledge | None = None,
    ) -> None:
        if engine.columns != len(vocabulary):
            raise ArtifactInvalid(
                f"The network has {engine.columns} columns, but vocabulary.json has "
                f"{len(vocabulary)} ingredients; train a model with `make train`."
            )
        self.vocabulary = vocabulary
        self.ids = np.array([entry.id for entry in vocabulary.ingredients], dtype=np.object_)
        self.masks = Masks(vocabulary)
        self._engine = engine
        self._weight = weight
        self.neighbours = neighbours
        self.recipes = recipes
        self.completions = Completions(recipes)
        self.knowledge = knowledge or Knowledge({}, len(recipes), len(vocabulary))
        self._log_frequency = log_frequency(recipes.frequency, len(recipes))

    @classmethod
    def load(cls, artifacts: Artifacts, engine: str) -> Ranker:
        """Load the model with the named engine.

        Raises:
            ArtifactInvalid: a file is missing, damaged or from another model.
            EngineUnavailable: the engine does not exist, or its package is not installed.
        """
        vocabulary = Vocabulary.load(artifacts)
        arrays = np.load(io.BytesIO(artifacts.read("recipes.npz")), allow_pickle=False)
        beta, weight = artifacts.neighbours["beta"], artifacts.neighbours["weight"]
        rows = arrays["indptr"], arrays["indices"], len(vocabulary)
        neighbours, recipes = Neighbours(*rows, beta), RecipeIndex(*rows)
        return cls(
            vocabulary,
            load_engine(engine, artifacts),
            neighbours,
            recipes,
            weight=weight,
            knowledge=Knowledge.load(artifacts, len(recipes), len(vocabulary)),
        )

    @cached_property
    def extractor(self) -> Extractor:
        """The extractor of ingredients from texts; its libraries are imported on first use."""
        from suggester.extraction import Extractor  # noqa: PLC0415 - few workers need it

        return Extractor(self.vocabulary)

    def probabilities(
        self, chosen: Booleans, allowed: Booleans, novelty: Floats | None = None
    ) -> Floats:
        """Return (B, V) probabilities over the ingredients that may be added to each drink.

        A novelty above 0, (B,), favours ingredients that fit the drink better than they fit
        drinks in general.

        Raises:
            MaskEmpty: nothing may be added to one of the drinks.
            NetworkInvalid: the network returned NaN or an infinite value.
        """
        drinks = chosen.astype(np.float32)
        logits = self._engine.logits(drinks)
        if not np.isfinite(logits).all():
            raise NetworkInvalid
        vote = self.neighbours.vote(drinks) if self._weight else np.zeros_like(drinks)
        weights = blend(logits, vote, drinks, self._weight)
        if novelty is not None and novelty.any():
            weights *= self.novelty_factors(novelty)
        return probabilities_within(self.masks.candidates(chosen, allowed), weights)

    def novelty_factors(self, novelty: Floats) -> Floats:
        """Return the factors (B, V) of the ingredients: their frequency to the power -novelty."""
        factors: Floats = np.exp(-novelty[:, None] * self._log_frequency).astype(np.float32)
        return factors


def log_frequency(frequency: NDArray[np.int64], recipes: int) -> NDArray[np.float64]:
    """Return the log frequency of each ingredient, (V,), relative to the mean frequency.

    An ingredient counts as if one percent more of the recipes contained it; otherwise the rarest
    would seem to fit every drink.
    """
    smoothed = frequency + max(RARE * recipes, 1)
    logs: NDArray[np.float64] = np.log(smoothed / smoothed.mean())
    return logs
