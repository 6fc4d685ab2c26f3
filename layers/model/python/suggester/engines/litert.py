"""The default engine: LiteRT, which starts in a fraction of TensorFlow's time and memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from suggester.artifacts import REMEDY
from suggester.engines.native_output import without_lines
from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

    Floats = NDArray[np.float32]

FILE: Final = "model.tflite"
# LiteRT prints this once per process, and none of its settings or variables prevents that. Without
# the delegate, it would not print it, but a call would take up to three times as long.
NOTE: Final = b"INFO: Created TensorFlow Lite XNNPACK delegate"

# LiteRT allocates its tensors for a fixed number of rows, and changing that number is slow. So
# there is one interpreter for each of these sizes. 32 rows already use the processor fully.
BLOCK_SIZES: Final = (1, 16, 32)


class LiteRtEngine:
    """The network in a .tflite file. Threads may share it; a lock serialises their calls."""

    def __init__(self, network: bytes) -> None:
        self._network = network
        self._lock = threading.Lock()
        with without_lines(NOTE):
            self._interpreters = {1: _FixedSizeInterpreter(network, rows=1)}
        self.columns = self._interpreters[1].columns

    def logits(self, drinks: Floats) -> Floats:
        """Return (B, V) logits for (B, V) multi-hot drinks."""
        size = next((rows for rows in BLOCK_SIZES if rows >= len(drinks)), BLOCK_SIZES[-1])
        padded = np.zeros((-(-len(drinks) // size) * size, self.columns), dtype=np.float32)
        padded[: len(drinks)] = drinks
        logits = np.empty_like(padded)
        with self._lock:
            interpreter = self._interpreter(size)
            for start in range(0, len(padded), size):
                logits[start : start + size] = interpreter.run(padded[start : start + size])
        return logits[: len(drinks)]

    def _interpreter(self, rows: int) -> _FixedSizeInterpreter:
        if rows not in self._interpreters:
            self._interpreters[rows] = _FixedSizeInterpreter(self._network, rows)
        return self._interpreters[rows]


class _FixedSizeInterpreter:
    """An interpreter whose tensors are allocated for a fixed number of rows."""

    def __init__(self, network: bytes, rows: int) -> None:
        self._interpreter = Interpreter(model_content=network, num_threads=1)
        details = self._interpreter.get_input_details()[0]
        self.columns = int(details["shape"][1])
        self._input = details["index"]
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
            f"{artifacts.folder / FILE} is not a network that LiteRT can run; {REMEDY}"
        ) from error
