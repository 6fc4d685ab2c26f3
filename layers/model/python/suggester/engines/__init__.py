"""What runs the network. Each engine is a module here, imported only when it is chosen."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol

from suggester.errors import EngineUnknown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

ENGINES: Final = {
    "litert": "suggester.engines.litert",
    "tensorflow": "suggester.engines.tensorflow",
}


class Engine(Protocol):
    """A loaded network of V columns."""

    columns: int

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (B, V) logits for (B, V) multi-hot drinks, each row by itself."""


def load_engine(name: str, artifacts: Artifacts) -> Engine:
    """Load the network with the engine of that name.

    Raises:
        EngineUnknown: there is no such engine, or its package is not installed.
        ArtifactInvalid: the network's file is missing or damaged.
    """
    if name not in ENGINES:
        raise EngineUnknown(f"MODEL_ENGINE is {name!r}; set it to one of {', '.join(ENGINES)}.")
    try:
        module = importlib.import_module(ENGINES[name])
    except ModuleNotFoundError as error:
        raise EngineUnknown(
            f"The engine {name!r} needs the package {error.name!r}; "
            "install it or set MODEL_ENGINE to another engine."
        ) from error
    engine: Engine = module.load(artifacts)
    return engine
