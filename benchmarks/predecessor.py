"""The design that this project replaces: FastAPI, Celery and Redis, one prediction per task.

The code is new, but follows that design as it is usually deployed. The API (`api`) and the Celery
workers (`celery`) run in a virtual environment of their own, from requirements/predecessor.txt.
The variable ENGINE chooses the workers' model, and REDIS_URL is the broker and the result store.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from celery import Celery
from celery.signals import worker_process_init
from fastapi import FastAPI, Response

from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REDIS_URL: Final = os.environ["REDIS_URL"]
STATUSES: Final[Mapping[str, str]] = {"SUCCESS": "SUCCESS", "FAILURE": "FAIL"}
STEPS: Final = 3  # the LSTM reads the last three ingredients
UNITS: Final = 100
SEED: Final = 1

api = FastAPI()
celery = Celery("predecessor", broker=REDIS_URL, backend=REDIS_URL)
# Celery's default of 4 seconds can be too short to import TensorFlow.
celery.conf.worker_proc_alive_timeout = 60


class Model(Protocol):
    """A model that suggests one ingredient."""

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the name of the best addition; for an empty drink, the best base."""


class KerasModel:
    """An LSTM over the last three ingredients that is called with `predict`.

    Its weights are random, because training does not change the time of a prediction.
    """

    def __init__(self) -> None:
        vocabulary = Vocabulary.load(Artifacts.open())
        self._names = [entry.en for entry in vocabulary.ingredients]
        self._ids = {name: column + 1 for column, name in enumerate(self._names)}
        self._base = np.array([entry.base for entry in vocabulary.ingredients])
        self._additive = np.array([entry.additive for entry in vocabulary.ingredients])
        self._network = _network(len(self._names))

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the most probable name within the mask."""
        chosen = [self._ids[name] for name in ingredients]
        steps = np.zeros((1, STEPS), np.int32)
        if last := chosen[-STEPS:]:
            steps[0, -len(last) :] = last
        probabilities = self._network.predict(steps, verbose=0)[0]
        allowed = np.where(self._additive if chosen else self._base, probabilities, 0)
        allowed[[column - 1 for column in chosen]] = 0
        return self._names[int(allowed.argmax())]


class LiteRtModel:
    """This project's model and LiteRT engine, asked for one drink at a time."""

    def __init__(self) -> None:
        from suggester.requests import Request  # noqa: PLC0415 - the Keras model does not need it
        from suggester.suggester import Suggester  # noqa: PLC0415

        self._suggester = Suggester.load(Artifacts.open(), "litert")
        self._request = Request

    def suggest(self, ingredients: Sequence[str]) -> str:
        """Return the most probable name within the mask."""
        vocabulary = self._suggester.vocabulary
        entries = map(vocabulary.find, ingredients)
        request = self._request(tuple(entry.id for entry in entries if entry is not None))
        [answer] = self._suggester.answer([request])
        return vocabulary.ingredients[vocabulary.index[answer.added[0]]].en


def _network(names: int) -> Any:
    """Build a network from ids (B, 3) to probabilities (B, V); id 0 is padding."""
    import keras  # noqa: PLC0415 - the LiteRT model does not need it

    keras.utils.set_random_seed(SEED)
    return keras.Sequential(
        [
            keras.Input((STEPS,), dtype="int32"),
            keras.layers.Embedding(names + 1, UNITS),
            keras.layers.LSTM(UNITS),
            keras.layers.Dense(names, activation="softmax"),
        ]
    )


@cache
def load_model() -> Model:
    """Load this process's model and let it answer once, because the first answer compiles it."""
    model: Model = KerasModel() if os.environ["ENGINE"] == "keras" else LiteRtModel()
    model.suggest([])
    return model


@worker_process_init.connect  # type: ignore[untyped-decorator]
def prepare_worker(**_: object) -> None:
    """Load the model in each worker process before its first task."""
    load_model()


@celery.task  # type: ignore[untyped-decorator]
def suggest(ingredients: list[str]) -> str:
    """Suggest an addition to a drink."""
    return load_model().suggest(ingredients)


@api.post("/api/process", status_code=202)
def submit(ingredients_joined: str = "") -> list[dict[str, str]]:
    """Queue a task."""
    task = suggest.delay([name for name in ingredients_joined.split(";") if name])
    url = f"/api/result/{task.id}"
    return [{"task_id": task.id, "status": "PROCESSING", "url_result": url}]


@api.get("/api/result/{task_id}")
def read_result(task_id: str, response: Response) -> dict[str, str]:
    """Return a task's result, or 202 while the task is not final."""
    task = celery.AsyncResult(task_id)
    status = STATUSES.get(task.status, "PROCESSING")
    if status == "PROCESSING":
        response.status_code = 202
    result = task.result if status == "SUCCESS" else ""
    return {"task_id": task_id, "status": status, "result": result}
