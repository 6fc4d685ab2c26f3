"""Early stopping keeps the best epoch."""

from __future__ import annotations

import pytest

from training.early_stopping import Epoch, keep_best
from training.metrics import Metrics


class FakeNetwork:
    """A network whose only weight is the number of the last epoch."""

    def __init__(self, mrrs: list[float]) -> None:
        self.mrrs = mrrs
        self.weight = 0
        self.epochs_run = 0

    def run_epoch(self, number: int) -> Epoch:
        self.weight = self.epochs_run = number
        return Epoch(number, 0.0, Metrics(0, 0, 0, self.mrrs[number - 1], 0))

    def get_weights(self) -> int:
        return self.weight

    def set_weights(self, weight: int) -> None:
        self.weight = weight


def test_the_best_weights_are_restored() -> None:
    """After the last epoch the network has the weights of the epoch with the best MRR."""
    network = FakeNetwork([0.1, 0.3, 0.2])
    assert keep_best(network, 3, 10, network.run_epoch).number == 2
    assert network.weight == 2


@pytest.mark.parametrize(("patience", "epochs_run"), [(1, 2), (2, 5), (3, 6)])
def test_training_stops_without_a_better_epoch(patience: int, epochs_run: int) -> None:
    """`patience` epochs without a better MRR end the training."""
    network = FakeNetwork([0.2, 0.1, 0.3, 0.3, 0.1, 0.1])
    keep_best(network, 6, patience, network.run_epoch)
    assert network.epochs_run == epochs_run
