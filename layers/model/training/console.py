"""The commands' output on the terminal: notes, errors and progress."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from training.early_stopping import Epoch

INTERRUPTED: Final = 130  # the exit status of a command that Ctrl-C ended
STDERR = Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """Print a note on standard error."""
    STDERR.print(text, soft_wrap=True, markup=False)


@contextmanager
def explain_errors() -> Iterator[None]:
    """Turn an expected error or an interruption into one sentence on standard error."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ctrl-C under make
    try:
        yield
    except KeyboardInterrupt:
        note("Interrupted; no file was changed.")
        raise typer.Exit(INTERRUPTED) from None
    except TrainingError as error:
        note(str(error))
        raise typer.Exit(1) from error
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        note(f"Cannot write the file{place} ({error.strerror or error}); nothing was changed.")
        raise typer.Exit(1) from error


@contextmanager
def progress(epochs: int, title: str = "training") -> Iterator[Callable[[Epoch], None]]:
    """Show a progress bar with the loss and the validation MRR of the last epoch."""
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
def silence_stderr() -> Iterator[None]:
    """Discard the output of native code on standard error.

    Use it around the first import of TensorFlow or Keras. TensorFlow lists the processor's
    features and devices whatever the log level.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    stderr = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(null)
        os.close(stderr)
