"""The stack on one machine: the API in this process, and workers in processes of their own."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.local.local_template import local_functions, parameter_values
from infra.local.network import LOOPBACK, listener
from infra.local.ports import LOCAL_VARIABLES, Location, open_ports
from infra.local.server import serving
from infra.local.storage.lock import lock_folder
from infra.local.template import TEMPLATE, read_template, resources_of
from infra.local.wakeups import Sender
from infra.local.worker import WorkerSettings, run_worker
from infra.local.workers import Workers
from tasks.errors import Unavailable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from infra.local.definitions import Function
    from infra.local.ports import Ports
    from infra.local.template import JsonObject

API: Final = "ApiFunction"
HOUSEKEEPING_INTERVAL: Final = 60.0  # seconds
DAY: Final = 86_400.0  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StackSettings:
    """The settings of a stack.

    Attributes:
        port: the port of the API; 0 selects a free one.
        data: the folder of the data; None selects a temporary one.
        workers: the number of worker processes.
        durable: whether data survive a power failure.
        parameters: parameters of the template.
        template: the file with the settings of the functions and queues.
    """

    port: int = 0
    data: Path | None = None
    workers: int = 1
    durable: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    template: Path = TEMPLATE


@contextmanager
def running_stack(
    settings: StackSettings | None = None,
    bound: socket.socket | None = None,
    worker: Callable[[WorkerSettings], None] = run_worker,
) -> Iterator[str]:
    """Run the stack, and stop everything on exit. Yields the API's URL once it answers.

    Args:
        settings: the settings of the stack.
        bound: the socket of the API; by default, it is bound to the port of the settings.
        worker: the main function of each worker process.

    Raises:
        PortTaken: the port is in use.
        StorageError: another stack uses the data, or they are from a newer version.
        SuggesterError: the model cannot be loaded.
    """
    settings = settings or StackSettings()
    with ExitStack() as running:
        bound = bound or running.enter_context(listener(settings.port))
        url = f"http://{LOOPBACK}:{bound.getsockname()[1]}"
        folder = settings.data or Path(running.enter_context(tempfile.TemporaryDirectory()))
        running.enter_context(lock_folder(folder))
        # The path of a Unix socket is limited to about 100 characters.
        sockets = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="barback-")))
        sender = Sender(sockets)
        running.callback(sender.close)
        location = Location(folder, url, settings.durable, settings.template)
        ports = open_ports(location, sender.wake)
        for queue in ports.queues.values():
            queue.release_in_flight()
        parameters = dict(settings.parameters)
        workers = Workers(location, sockets, parameters, settings.workers, worker)
        running.callback(workers.stop)
        template = read_template(settings.template)
        api = _application(ports, local_functions(template, parameters)[API])
        app = _with_gateway(api, ports, template)
        running.enter_context(serving(app, bound))
        running.enter_context(_housekeeping(ports, _file_retention(template, parameters)))
        workers.wait_until_ready()
        yield url


def _application(ports: Ports, function: Function) -> FastAPI:
    """Return the application of the API function over these ports."""
    from functions.api.app import create_app, warm_up  # noqa: PLC0415 - workers start meanwhile
    from functions.api.blocking import run_inline  # noqa: PLC0415
    from functions.api.bootstrap import bootstrap  # noqa: PLC0415

    services = bootstrap(
        os.environ | function.environment | LOCAL_VARIABLES,
        store=ports.store,
        queues=ports.lanes(),
        webhooks=ports.webhooks,
        webhook_queue=ports.deliveries(),
        documents=ports.documents,
    )
    # A call of SQLite takes less time than handing it to a thread.
    app = create_app(replace(services, run=run_inline))
    warm_up(app)
    return app


def _with_gateway(api: FastAPI, ports: Ports, template: JsonObject) -> ASGIApp:
    """Add what S3 and API Gateway do on AWS: serve files, and compress large responses."""
    from starlette.middleware.gzip import GZipMiddleware  # noqa: PLC0415

    from infra.local.files import FilesMiddleware  # noqa: PLC0415

    [gateway] = resources_of(template, "AWS::Serverless::Api").values()
    minimum = gateway["Properties"]["MinimumCompressionSize"]
    # Level 6, the default of zlib, takes twice as long for 8% fewer bytes.
    compressing = GZipMiddleware(api, minimum_size=minimum, compresslevel=4)
    origins = api.state.services.settings.allowed_origins
    return FilesMiddleware(compressing, ports.documents, origins)


def _file_retention(template: JsonObject, parameters: Mapping[str, str]) -> float:
    """Return the seconds for which files are kept."""
    return DAY * int(parameter_values(template, parameters)["DocumentRetentionDays"])


@contextmanager
def _housekeeping(ports: Ports, retention: float) -> Iterator[None]:
    """Delete expired rows, messages and files once a minute."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(HOUSEKEEPING_INTERVAL):
            try:
                delete_expired(ports, time.time(), retention)
            except Unavailable:
                logger.warning("Expired data could not be deleted and will be tried again")

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def delete_expired(ports: Ports, now: float, retention: float) -> None:
    """Delete the rows, messages and files that have expired; `retention` of files in seconds."""
    ports.store.delete_expired(now)
    ports.webhooks.delete_expired(now)
    for queue in ports.queues.values():
        queue.delete_expired(now)
    ports.documents.delete_expired(now, retention)
