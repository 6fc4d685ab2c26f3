"""The default engine: LiteRT, which starts in a fraction of TensorFlow's time and memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from suggester.artifacts import REMEDY
from suggester.engines import first_layer
from suggester.engines.first_layer import FirstLayer
from suggester.engines.native_output import without_lines
from suggester.errors import ArtifactInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from suggester.artifacts import Artifacts

    Floats = NDArray[np.float32]

FILE: Final = "model.tflite"
# LiteRT prints this once per process, and none of its settings or variables prevents that. Without
# the delegate, it would not print it, but a call would take up to three times as long.
NOTE: Final = b"INFO: Created TensorFlow Lite XNNPACK delegate"

# LiteRT allocates its tensors for a fixed number of rows, and changing that number is slow. So
# there is one interpreter for each of these sizes. A large network is read from memory once per
# block, so larger blocks take less time per row.
BLOCK_SIZES: Final = (1, 12, 32, 128)


class LiteRtEngine:
    """The network in a .tflite file, which may leave its first layer to a file of its own.

    Threads may share it; a lock serialises their calls.
    """

    def __init__(self, network: bytes, first: FirstLayer | None = None) -> None:
        """Prepare the network; `first` computes its input from the drinks.

        Raises:
            ValueError, RuntimeError, IndexError: LiteRT cannot run the network, or its input
                does not fit the first layer.
        """
        self._network = network
        self._first = first
        self._lock = threading.Lock()
        with without_lines(NOTE):
            self._interpreters = {1: _FixedSizeInterpreter(network, rows=1)}
        width = self._interpreters[1].columns
        if first is not None and first.width != width:
            raise ValueError("The network's input does not fit the first layer.")
        self.columns = width if first is None else first.columns

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> LiteRtEngine:
        """Build the engine from the files that the export of a network returns."""
        first = files.get(first_layer.FILE)
        return cls(files[FILE], FirstLayer(first) if first is not None else None)

    def logits(self, drinks: Floats) -> Floats:
        """Return (B, V) logits for (B, V) multi-hot drinks."""
        inputs = drinks if self._first is None else self._first(drinks)
        logits = np.empty((len(inputs), self.columns), np.float32)
        with self._lock:
            for block, size in _blocks(len(inputs)):
                part = inputs[block]
                missing = size - len(part)
                padded = np.pad(part, ((0, missing), (0, 0))) if missing else part
                logits[block] = self._interpreter(size).run(padded)[: len(part)]
        return logits

    def _interpreter(self, rows: int) -> _FixedSizeInterpreter:
        if rows not in self._interpreters:
            self._interpreters[rows] = _FixedSizeInterpreter(self._network, rows)
        return self._interpreters[rows]


def _blocks(rows: int) -> Iterator[tuple[slice, int]]:
    """Divide rows into blocks; yields each block and the size of its interpreter."""
    start = 0
    while start < rows:
        # Three blocks of the next size take less time than a block that is mostly empty.
        size = next((n for n in BLOCK_SIZES if 4 * n > 3 * (rows - start)), BLOCK_SIZES[-1])
        yield slice(start, start + size), size
        start += size


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
    """Load model.tflite, and first_layer.npz if the model has this file.

    Raises:
        ArtifactInvalid: a file is missing, damaged or not a part of this network.
    """
    network = artifacts.read(FILE)
    first = _load_first_layer(artifacts) if first_layer.FILE in artifacts.digests else None
    try:
        return LiteRtEngine(network, first)
    except (ValueError, RuntimeError, IndexError) as error:
        raise ArtifactInvalid(
            f"{artifacts.folder / FILE} is not a network that LiteRT can run; {REMEDY}"
        ) from error


def _load_first_layer(artifacts: Artifacts) -> FirstLayer:
    file = artifacts.read(first_layer.FILE)
    try:
        return FirstLayer(file)
    except (ValueError, KeyError, OSError, BadZipFile) as error:
        raise ArtifactInvalid(
            f"{artifacts.folder / first_layer.FILE} is not the first layer of a network; {REMEDY}"
        ) from error
