"""The reference engine: TensorFlow, which runs the network as Keras saved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import keras
import numpy as np

from suggester.artifacts import REMEDY
from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

    Floats = NDArray[np.float32]

FILE: Final = "model.keras"


class TensorFlowEngine:
    """The network in a .keras file."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self.columns = int(model.output_shape[-1])

    def logits(self, drinks: Floats) -> Floats:
        """Return (B, V) logits for (B, V) multi-hot drinks."""
        return np.asarray(self._model(drinks, training=False), dtype=np.float32)


def load(artifacts: Artifacts) -> TensorFlowEngine:
    """Load model.keras.

    Raises:
        ArtifactInvalid: the file is missing, damaged or not a network.
    """
    artifacts.read(FILE)  # Keras reads the file itself; this checks its digest.
    path = artifacts.folder / FILE
    try:
        return TensorFlowEngine(keras.models.load_model(path, compile=False))
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise ArtifactInvalid(f"{path} is not a network that Keras can load; {REMEDY}") from error
