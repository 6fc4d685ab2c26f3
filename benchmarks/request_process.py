"""A process that measures the CPU time of requests: `python -m benchmarks.request_process`.

It sends requests through the handlers of the API and of the worker, and reports the milliseconds
of CPU time, of all threads together, that each kind of request takes. AWS is stubbed, so an AWS
call costs only the time of the client.
"""

from __future__ import annotations

import json
import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks import aws_stub
from benchmarks.process_report import reporting
from functions.api.owners import owner_of
from tasks.ids import new_task_id

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 7
REQUESTS: Final = 200  # in each round
ARRAY: Final = 100  # drinks
BATCHES: Final = (1, 10, 100)  # drinks; the last two are the batch sizes of the queues
DRINK: Final = {"ingredients": ["milk", "strawberry"]}
SUGGESTIONS: Final = [
    {"ingredient": name, "probability": 0.2}
    for name in ("sugar", "honey", "vanilla", "banana", "mint")
]

JsonObject = dict[str, Any]


def row(task_id: str, **attributes: JsonObject) -> JsonObject:
    """Return the item of a task of the caller that `aws_stub.api_event` stands for."""
    now = str(time.time())
    return {
        "task_id": {"S": task_id},
        "owner": {"S": owner_of(aws_stub.API_KEY)},
        "status": {"S": "PROCESSING"},
        "priority": {"S": "interactive"},
        "input": {"S": json.dumps(DRINK)},
        "attempts": {"N": "1"},
        "created_at": {"N": now},
        "deadline": {"N": str(time.time() + 900)},
        "expires_at": {"N": str(int(time.time()) + 604_800)},
        **attributes,
    }


def final_row(task_id: str) -> JsonObject:
    """Return the item of a task that a worker answered."""
    now = str(time.time())
    result = {"added": ["sugar"], "suggestions": SUGGESTIONS, "model": "a17ffc79f322"}
    work = {"batch_size": 10, "engine": "litert", "gb_seconds": 0.0001}
    return row(
        task_id,
        status={"S": "SUCCESS"},
        started_at={"N": now},
        finished_at={"N": now},
        result={"S": json.dumps(result)},
        work={"S": json.dumps(work)},
    )


class Requests:
    """The requests that are measured, through the real handlers."""

    def __init__(self) -> None:
        self._api = aws_stub.load_handler("api")
        self._worker = aws_stub.load_handler("worker")
        self._poll = aws_stub.api_event("GET", f"/api/result/{new_task_id(time.time())}")
        self._array = aws_stub.api_event(body=[DRINK] * ARRAY)
        self._deliveries = {
            size: aws_stub.worker_event([DRINK["ingredients"]] * size) for size in BATCHES
        }

    def submit(self) -> None:
        """Submit a drink."""
        self._expect(202, aws_stub.api_event())

    def submit_array(self) -> None:
        """Submit an array of drinks."""
        self._expect(202, self._array)

    def poll(self) -> None:
        """Ask for the result of a task that is not final."""
        self._read(row, 202)

    def read(self) -> None:
        """Ask for the result of a task that is final."""
        self._read(final_row, 200)

    def process(self, size: int) -> None:
        """Process a batch of drinks."""
        aws_stub.check_response("worker", self._worker(self._deliveries[size], aws_stub.Context()))

    def _read(self, item: Callable[[str], JsonObject], status: int) -> None:
        task_id = self._poll["path"].rpartition("/")[2]
        aws_stub.responses["GetItem"] = {"Item": item(task_id)}
        self._expect(status, self._poll)

    def _expect(self, status: int, event: JsonObject) -> None:
        response = self._api(event, aws_stub.Context())
        if response["statusCode"] != status:
            raise RuntimeError(f"The API returned {response}.")


def milliseconds(send: Callable[[], None], count: int) -> float:
    """Return the CPU time of this process per request."""
    aws_stub.request_bodies.clear()
    started = time.process_time()
    for _ in range(count):
        send()
    return (time.process_time() - started) * 1000 / count


def measure() -> dict[str, float]:
    """Return the milliseconds of CPU time by kind of request, after a round not counted."""
    requests = Requests()
    kinds: dict[str, tuple[Callable[[], None], int]] = {
        "submit one drink": (requests.submit, REQUESTS),
        f"submit an array of {ARRAY} drinks": (requests.submit_array, REQUESTS // 10),
        "poll a task that is not final": (requests.poll, REQUESTS),
        "read a result": (requests.read, REQUESTS),
        **{
            f"process a batch of {size}": (partial(requests.process, size), REQUESTS // size)
            for size in BATCHES
        },
    }
    rounds = [
        {name: milliseconds(send, count) for name, (send, count) in kinds.items()}
        for _ in range(ROUNDS + 1)
    ]
    return {name: median(found[name] for found in rounds[1:]) for name in kinds}


def main() -> None:
    """Measure on one processor."""
    with reporting() as report:
        report(measure())


if __name__ == "__main__":
    main()
