"""What the commands say on the terminal, and how they fail."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from training.fit import Epoch

STDERR = Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """Tell the user something that is no result, on standard error."""
    STDERR.print(text, soft_wrap=True, markup=False)


@contextmanager
def explain_errors() -> Iterator[None]:
    """Turn an expected error into one sentence on standard error and exit status 1."""
    try:
        yield
    except TrainingError as error:
        note(str(error))
        raise typer.Exit(1) from error
    except OSError as error:
        place = f" at {error.filename}" if error.filename else ""
        note(f"A file could not be written{place} ({error.strerror or error}); nothing changed.")
        raise typer.Exit(1) from error


@contextmanager
def progress(epochs: int, title: str = "training") -> Iterator[Callable[[Epoch], None]]:
    """Show a bar that moves with every epoch, beside its loss and validation MRR."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("epoch {task.completed:.0f}/{task.total:.0f}  {task.fields[figures]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=STDERR) as bar:
        task = bar.add_task(title, total=epochs, figures="")

        def report(epoch: Epoch) -> None:
            figures = f"loss {epoch.loss:.3f}  MRR {epoch.validation.mrr:.4f}"
            bar.update(task, completed=epoch.number, figures=figures)

        yield report


@contextmanager
def hushed() -> Iterator[None]:
    """Discard what native code writes to standard error, such as TensorFlow at its import.

    Wrap the first import of TensorFlow or Keras in it. The log level alone does not keep
    TensorFlow from telling which processor features and devices it found.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
