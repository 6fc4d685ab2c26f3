"""A worker process: one thread for each event source of the template."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from infra.local.event_source import EventSource, LocalContext, Message
from infra.local.local_template import local_functions
from infra.local.logs import configure_logging
from infra.local.ports import Location, open_ports
from infra.local.template import read_template
from infra.local.wakeups import Listener, Sender
from infra.signals import SignalReceiver
from pipelines.errors import PipelineError
from suggester.errors import SuggesterError
from tasks.aws.events import failures_response, remaining_time
from tasks.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from infra.local.definitions import Function
    from infra.local.ports import Ports
    from infra.local.storage.task_queue import SqliteTaskQueue

    Handler = Callable[[dict[str, Any], LocalContext], Any]
    BuildHandlers = Callable[[Sequence[Function], Ports], Mapping[str, Handler]]

REAPER: Final = "functions.reaper.handler.handler"
WEBHOOKS: Final = "functions.webhooks.handler.handler"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of a worker process.

    Attributes:
        location: where the data are.
        sockets: the folder of the sockets for wake-ups.
        number: the number of this worker.
        parameters: parameters of the template.
    """

    location: Location
    sockets: Path
    number: int
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def socket(self) -> Path:
        """The socket on which the worker listens for wake-ups once it is ready."""
        return self.sockets / f"worker-{self.number}"


@dataclass(frozen=True, slots=True)
class QueueSource:
    """A queue in SQLite as the source of an event source.

    Attributes:
        queue: the queue.
        woken: is set by senders.
        clock: the clock of the queue, which may be set back.
        timer: measures the wait.
    """

    queue: SqliteTaskQueue
    woken: threading.Event
    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.monotonic

    def receive(self, maximum: int, wait: float) -> Sequence[Message]:
        """Receive messages, or wait until a sender wakes this source or a message is visible."""
        ends_at = self.timer() + wait
        while True:
            self.woken.clear()
            found = [
                Message(
                    item.message_id,
                    item.receipt_handle,
                    item.body,
                    item.receive_count,
                    item.sent_at,
                )
                for item in self.queue.receive(maximum)
            ]
            left = ends_at - self.timer()
            if found or left <= 0:
                return found
            visible_at = self.queue.next_visible_at()
            if visible_at is not None:
                left = min(left, visible_at - self.clock())
            self.woken.wait(max(0.001, left))

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages."""
        if messages:
            self.queue.delete([message.receipt_handle for message in messages])


def run_worker(settings: WorkerSettings, build: BuildHandlers | None = None) -> None:
    """Poll the queues of all functions until SIGTERM; a batch that has started is finished.

    Args:
        settings: the settings of this process.
        build: returns the handlers by function; by default `build_handlers`.

    Raises:
        SystemExit: a setting, the model or a pipeline cannot be used; the message says why.
    """
    _exit_with_parent()
    # Ctrl-C signals the parent too, and the parent stops this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    terminated = SignalReceiver(signal.SIGTERM)
    configure_logging()
    ports = open_ports(settings.location, Sender(settings.sockets).wake)
    template = read_template(settings.location.template)
    functions = [
        function
        for function in local_functions(template, settings.parameters).values()
        if function.event_sources and function.handler != WEBHOOKS
    ]
    try:
        handlers = (build or build_handlers)(functions, ports)
    except (PipelineError, SettingsInvalid, SuggesterError) as error:
        sys.exit(f"barback: {error}")
    listener = Listener(settings.socket)
    stop = threading.Event()
    threads = [
        threading.Thread(target=source.run, args=(stop,))
        for source in event_sources(functions, handlers, ports, listener)
    ]
    for thread in threads:
        thread.start()
    terminated.wait()
    stop.set()
    listener.close()
    for thread in threads:
        thread.join()


def event_sources(
    functions: Sequence[Function], handlers: Mapping[str, Handler], ports: Ports, listener: Listener
) -> list[EventSource]:
    """Return the event sources of the functions."""
    return [
        EventSource(
            QueueSource(ports.queues[mapping.queue_name], listener.event(mapping.queue_name)),
            mapping,
            handlers[function.name],
            function_name=function.name,
            timeout=function.timeout,
        )
        for function in functions
        for mapping in function.event_sources
    ]


def build_handlers(functions: Sequence[Function], ports: Ports) -> dict[str, Handler]:
    """Bootstrap the functions; the workers share one model."""
    from functions.reaper import bootstrap as reaper  # noqa: PLC0415 - the parent needs neither
    from functions.worker import bootstrap as worker  # noqa: PLC0415
    from suggester.artifacts import Artifacts  # noqa: PLC0415
    from suggester.suggester import Suggester  # noqa: PLC0415

    handlers: dict[str, Handler] = {}
    suggester = None
    for function in functions:
        environ = os.environ | function.environment
        if function.handler == REAPER:
            handlers[function.name] = _handler(
                reaper.bootstrap(environ, store=ports.store, webhooks=ports.webhooks).run
            )
            continue
        suggester = suggester or Suggester.load(Artifacts.of(environ), environ["MODEL_ENGINE"])
        built = worker.bootstrap(
            environ,
            suggester=suggester,
            store=ports.store,
            queues=ports.lanes(),
            documents=ports.documents,
        )
        # SQLite has one writer at a time, so more threads would only wait for each other.
        single = replace(built, pool=ThreadPoolExecutor(1, "writer"))
        handlers[function.name] = _handler(single.run)
    return handlers


def _handler(run: Callable[[object, Callable[[], float]], list[str]]) -> Handler:
    """Return a Lambda handler, like the ones in the handlers' modules."""
    return lambda event, context: failures_response(run(event, remaining_time(context)))


def _exit_with_parent() -> None:
    """End this process when its parent ends, even if the parent is killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
