"""The Celery application and its one task; Redis is broker and result backend."""

from __future__ import annotations

import os
from functools import cache

from celery import Celery
from celery.signals import worker_process_init

from benchmarks.predecessor.models import Model, load

URL = os.environ["REDIS_URL"]

app = Celery("predecessor", broker=URL, backend=URL)
# Seconds: importing TensorFlow may take more than the 4 that Celery gives a process to start.
app.conf.worker_proc_alive_timeout = 60


@cache
def model() -> Model:
    """Return this process's model, loaded on the first call."""
    return load(os.environ["ENGINE"])


@worker_process_init.connect  # type: ignore[untyped-decorator]
def start(**_: object) -> None:
    """Load the model once in each worker process, before its first task."""
    model()


@app.task  # type: ignore[untyped-decorator]
def process(ingredients: list[str]) -> str:
    """Suggest what to add."""
    return model().suggest(ingredients)
