"""The default engine: LiteRT, which starts in a fraction of TensorFlow's time and memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

    Floats = NDArray[np.float32]

FILE: Final = "model.tflite"

# A plan for one drink and plans for blocks of them: whatever the size of a batch, nothing is
# planned anew, and 32 rows already use the processor as well as 1,000 do.
BLOCKS: Final = (1, 16, 32)


class LiteRtEngine:
    """The network in a .tflite file. Threads that share it take turns."""

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._turn = threading.Lock()
        self._plans = {1: _Plan(network, rows=1)}
        self.columns = self._plans[1].columns

    def logits(self, drinks: Floats) -> Floats:
        """Return (B, V) logits for (B, V) multi-hot drinks."""
        block = next((rows for rows in BLOCKS if rows >= len(drinks)), BLOCKS[-1])
        padded = np.zeros((-(-len(drinks) // block) * block, self.columns), dtype=np.float32)
        padded[: len(drinks)] = drinks
        logits = np.empty_like(padded)
        with self._turn:
            plan = self._plan(block)
            for start in range(0, len(padded), block):
                logits[start : start + block] = plan.run(padded[start : start + block])
        return logits[: len(drinks)]

    def _plan(self, rows: int) -> _Plan:
        if rows not in self._plans:
            self._plans[rows] = _Plan(self._network, rows)
        return self._plans[rows]


class _Plan:
    """An interpreter whose tensors are allocated for a fixed number of rows."""

    def __init__(self, network: bytes, rows: int) -> None:
        self._interpreter = Interpreter(model_content=network, num_threads=1)
        given = self._interpreter.get_input_details()[0]
        self.columns = int(given["shape"][1])
        self._input = given["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._interpreter.resize_tensor_input(self._input, (rows, self.columns))
        self._interpreter.allocate_tensors()

    def run(self, drinks: Floats) -> Floats:
        self._interpreter.set_tensor(self._input, drinks)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output), dtype=np.float32)


def load(artifacts: Artifacts) -> LiteRtEngine:
    """Load model.tflite.

    Raises:
        ArtifactInvalid: the file is missing, damaged or not a network.
    """
    network = artifacts.read(FILE)
    try:
        return LiteRtEngine(network)
    except (ValueError, RuntimeError, IndexError) as error:
        raise ArtifactInvalid(
            f"{artifacts.folder / FILE} is not a network that LiteRT can run; "
            "train a model with `make train` or restore the file."
        ) from error
