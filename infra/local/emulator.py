"""moto's server in this process, as the local stack needs it."""

from __future__ import annotations

import logging
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from infra.local.network import LOOPBACK, PortTaken, docker_gateway, listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

DYNAMODB: Final = "DynamoDB"  # how the targets of its calls begin


class OneAtATime:
    """WSGI middleware that lets one call of DynamoDB in at a time, and all others at once.

    moto writes an item one attribute after another, and checks a condition before that: readers
    would see half an outcome, and two writers might both pass. DynamoDB writes an item at once.
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._turn = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(DYNAMODB):
            return self._app(environ, start_response)
        with self._turn:
            return list(self._app(environ, start_response))


@contextmanager
def running_emulator(port: int) -> Iterator[str]:
    """Run moto on this port of the loopback interface, or on a free one if it is taken.

    Where there is a Docker bridge, it listens there too, for functions in containers.
    """
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - a second that others save
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        free = listener(port)
    except PortTaken:
        free = listener(0)
    with free:
        port = free.getsockname()[1]
    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    with ExitStack() as running:
        for host in filter(None, (LOOPBACK, docker_gateway())):
            server = make_server(host, port, app, threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            running.callback(server.server_close)
            running.callback(thread.join)
            running.callback(server.shutdown)
        yield f"http://{LOOPBACK}:{port}"
