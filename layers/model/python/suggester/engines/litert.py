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

# A plan for one drink and a plan for a block of them: whatever the size of a batch, nothing is
# planned anew, and 32 rows already use the processor as well as 1,000 do.
BLOCK: Final = 32


class LiteRtEngine:
    """The network in a .tflite file. Threads that share it take turns."""

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._turn = threading.Lock()
        self._one = _Plan(network, rows=1)
        self._block: _Plan | None = None
        self.columns = self._one.columns

    def logits(self, drinks: Floats) -> Floats:
        """Return (B, V) logits for (B, V) multi-hot drinks."""
        with self._turn:
            return self._one.run(drinks) if len(drinks) == 1 else self._in_blocks(drinks)

    def _in_blocks(self, drinks: Floats) -> Floats:
        if self._block is None:
            self._block = _Plan(self._network, rows=BLOCK)
        padded = np.zeros((-(-len(drinks) // BLOCK) * BLOCK, self.columns), dtype=np.float32)
        padded[: len(drinks)] = drinks
        blocks = [self._block.run(padded[at : at + BLOCK]) for at in range(0, len(padded), BLOCK)]
        return np.concatenate(blocks)[: len(drinks)]


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
