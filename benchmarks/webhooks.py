"""Measures how long deliveries to a receiver of webhooks take while another one hangs."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import httpx2

from benchmarks import services
from benchmarks.backlog import TIMEOUT
from benchmarks.figures import Figure, alternate
from tasks.ids import submitted_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DELIVERIES: Final = 500  # to each receiver
ROUNDS: Final = 3
DRINK: Final = {"ingredients": ["milk"]}


@dataclass
class Receiver:
    """A receiver on this machine.

    Attributes:
        expected: how many deliveries it waits for.
        hangs: whether it never answers.
        url: its URL.
        delays: the seconds between the end of each task and its delivery.
        complete: is set when all deliveries have arrived.
        ended: is set when no request is left to answer.
    """

    expected: int
    hangs: bool = False
    url: str = ""
    delays: list[float] = field(default_factory=list)
    complete: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def receive(self, body: bytes) -> None:
        """Note a delivery, and wait for the end if this receiver hangs."""
        if self.hangs:
            self.ended.wait()
            return
        self.delays.append(delay_of(json.loads(body), time.time()))
        if len(self.delays) == self.expected:
            self.complete.set()


def delay_of(result: dict[str, Any], now: float) -> float:
    """Return the seconds between the end of a task, given its result, and now."""
    submitted = submitted_at(result["task_id"])
    if submitted is None or result["status"] != "SUCCESS":
        raise RuntimeError(f"A delivery has an unexpected result: {result}.")
    return now - submitted - float(result["timings"]["total"])


@contextmanager
def serving(receiver: Receiver) -> Iterator[Receiver]:
    """Serve a receiver on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.receive(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(httpx2.codes.NO_CONTENT)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        receiver.ended.set()
        server.shutdown()


def figure() -> Figure:
    """Compare the delay of deliveries while another receiver hangs, and on an idle stack.

    In each measurement, a new stack delivers the results of tasks that one caller submits one after
    another. While the other receiver hangs, every other task is for it.
    """
    rounds = alternate(
        partial(milliseconds, hangs=True), partial(milliseconds, hangs=False), ROUNDS
    )
    name = f"{DELIVERIES} deliveries: {DELIVERIES} others to a receiver that hangs / none"
    return Figure(name, "ms", rounds)


def milliseconds(*, hangs: bool) -> float:
    """Return the median delay of the deliveries to a receiver, while another hangs or is idle."""
    quick, hanging = Receiver(DELIVERIES), Receiver(DELIVERIES, hangs=True)
    with services.barback() as stack, serving(hanging), serving(quick):
        submit(stack.url, [hanging.url, quick.url] if hangs else [quick.url])
        if not quick.complete.wait(TIMEOUT):
            raise RuntimeError(f"{len(quick.delays)} of {DELIVERIES} deliveries arrived.")
    return 1000 * median(quick.delays)


def submit(url: str, receivers: Sequence[str]) -> None:
    """Submit a task for each receiver in turn."""
    with httpx2.Client(base_url=url, timeout=TIMEOUT, trust_env=False) as http:
        for _ in range(DELIVERIES):
            for receiver in receivers:
                response = http.post("/api/process", json=DRINK, params={"webhook": receiver})
                response.raise_for_status()
