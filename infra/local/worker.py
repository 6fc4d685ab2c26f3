"""A worker process: one thread for each event source of the template."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from infra.local.concurrent_source import CONCURRENCY, ConcurrentEventSource, Load
from infra.local.event_source import EventSource, LocalContext
from infra.local.local_template import local_functions
from infra.local.logs import configure_logging
from infra.local.ports import LOCAL_VARIABLES, Location, open_ports
from infra.local.queue_source import QueueSource
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

    from infra.local.definitions import EventSourceMapping, Function
    from infra.local.ports import Ports

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
        if function.event_sources
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
        _event_source(function, mapping, handlers[function.name], ports, listener)
        for function in functions
        for mapping in function.event_sources
    ]


def _event_source(
    function: Function,
    mapping: EventSourceMapping,
    handler: Handler,
    ports: Ports,
    listener: Listener,
) -> EventSource:
    """Return an event source; receivers of webhooks must not wait for each other."""
    queue, woken = ports.queues[mapping.queue_name], listener.event(mapping.queue_name)
    names: Any = {"function_name": function.name, "timeout": function.timeout}
    if function.handler != WEBHOOKS:
        return EventSource(QueueSource(queue, woken), mapping, handler, **names)
    load = Load(woken.set)
    return ConcurrentEventSource(
        QueueSource(queue, woken, load.busy), mapping, handler, load=load, **names
    )


def build_handlers(functions: Sequence[Function], ports: Ports) -> dict[str, Handler]:
    """Bootstrap the functions; the workers share one model, and pipelines that load once."""
    from functions.reaper import bootstrap as reaper  # noqa: PLC0415 - the parent needs neither
    from functions.worker import bootstrap as worker  # noqa: PLC0415
    from functions.worker.pipelines import Pipelines  # noqa: PLC0415
    from suggester.artifacts import Artifacts  # noqa: PLC0415
    from suggester.kinds import load_registry  # noqa: PLC0415
    from suggester.suggester import Suggester  # noqa: PLC0415

    handlers: dict[str, Handler] = {}
    pipelines = None
    for function in functions:
        environ = os.environ | function.environment
        if function.handler == REAPER:
            built_reaper = reaper.bootstrap(
                environ,
                store=ports.store,
                webhooks=ports.webhooks,
                webhook_queue=ports.deliveries(),
            )
            handlers[function.name] = _handler(built_reaper.run)
            continue
        if function.handler == WEBHOOKS:
            handlers[function.name] = _lazily(partial(_build_webhooks, environ, ports))
            continue
        if pipelines is None:
            suggester = Suggester.load(Artifacts.of(environ), environ["MODEL_ENGINE"])
            pipelines = Pipelines(load_registry(environ), suggester)
        built = worker.bootstrap(
            environ,
            pipelines=pipelines,
            store=ports.store,
            queues=ports.lanes(),
            documents=ports.documents,
        )
        # SQLite has one writer at a time, so more threads would only wait for each other.
        single = replace(built, pool=ThreadPoolExecutor(1, "writer"))
        handlers[function.name] = _handler(single.run)
    return handlers


def _build_webhooks(environ: Mapping[str, str], ports: Ports) -> Handler:
    from functions.webhooks.bootstrap import bootstrap  # noqa: PLC0415 - most callers use none

    webhooks = bootstrap(
        {**environ, **LOCAL_VARIABLES},
        store=ports.store,
        webhooks=ports.webhooks,
        queue=ports.deliveries(),
        documents=ports.documents,
        pool=ThreadPoolExecutor(CONCURRENCY, "attempt"),
    )
    return _handler(webhooks.run)


def _lazily(build: Callable[[], Handler]) -> Handler:
    """Return a handler that is built for its first event."""
    lock = threading.Lock()
    built: list[Handler] = []

    def handle(event: dict[str, Any], context: LocalContext) -> Any:
        with lock:
            if not built:
                built.append(build())
        return built[0](event, context)

    return handle


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
