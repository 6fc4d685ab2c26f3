"""The engines that run the network. Each one is a module here, imported only when selected."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol

from suggester.errors import EngineUnavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

ENGINES: Final = {
    "litert": "suggester.engines.litert",
    "tensorflow": "suggester.engines.tensorflow",
}


class Engine(Protocol):
    """A loaded network over a vocabulary of V ingredients; `columns` is V."""

    columns: int

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (B, V) logits for (B, V) multi-hot drinks, each row independent of the others."""


def load_engine(name: str, artifacts: Artifacts) -> Engine:
    """Load the network with the named engine.

    Raises:
        EngineUnavailable: the engine does not exist, or its package is not installed.
        ArtifactInvalid: the network's file is missing or damaged.
    """
    if name not in ENGINES:
        raise EngineUnavailable(f"MODEL_ENGINE is {name!r}; set it to one of {', '.join(ENGINES)}.")
    try:
        module = importlib.import_module(ENGINES[name])
    except ModuleNotFoundError as error:
        raise EngineUnavailable(
            f"The engine {name!r} needs the package {error.name!r}; "
            "install it or set MODEL_ENGINE to another engine."
        ) from error
    engine: Engine = module.load(artifacts)
    return engine
