"""Early stopping: keep the weights of the epoch with the best validation MRR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.metrics import Metrics


@dataclass(frozen=True)
class Epoch:
    """The result of an epoch: its number from 1, its mean loss, its validation metrics."""

    number: int
    loss: float
    validation: Metrics


def keep_best(network: Any, epochs: int, patience: int, run_epoch: Callable[[int], Epoch]) -> Epoch:
    """Run epochs until `patience` of them bring no better MRR, and restore the best weights."""
    best, weights = run_epoch(1), network.get_weights()
    for number in range(2, epochs + 1):
        epoch = run_epoch(number)
        if epoch.validation.mrr > best.validation.mrr:
            best, weights = epoch, network.get_weights()
        elif number - best.number >= patience:
            break
    network.set_weights(weights)
    return best
