"""moto's server in this process, adapted to the local stack."""

from __future__ import annotations

import copy
import functools
import json
import logging
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.local import shortcuts
from infra.local.network import LOOPBACK, PortTaken, docker_gateway, listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

    Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

DYNAMODB: Final = "DynamoDB"  # the prefix of the targets of its calls
# The services that every task calls. Others may stream their bodies.
IN_PROCESS: Final = ("dynamodb", "sqs")


class OneAtATime:
    """WSGI middleware that serialises the calls of DynamoDB.

    moto checks a condition and then writes an item attribute by attribute, so readers could see a
    partial outcome, and two writers could both succeed. DynamoDB writes an item atomically.
    """

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self.lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request."""
        if not environ.get("HTTP_X_AMZ_TARGET", "").startswith(DYNAMODB):
            return self._app(environ, start_response)
        with self.lock:
            return list(self._app(environ, start_response))


@contextmanager
def running_emulator(port: int) -> Iterator[str]:
    """Run moto on this port of the loopback interface, or on a free one if the port is taken.

    It also listens on Docker's bridge, if there is one, for functions in containers. Clients that
    this process creates meanwhile reach it without a socket.
    """
    from werkzeug.serving import make_server  # noqa: PLC0415 - this import takes a second

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        free = listener(port)
    except PortTaken:
        free = listener(0)
    with free:
        port = free.getsockname()[1]
    app = OneAtATime(_moto())
    endpoint = f"http://{LOOPBACK}:{port}"
    with ExitStack() as running:
        for host in filter(None, (LOOPBACK, docker_gateway())):
            server = make_server(host, port, app, threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            running.callback(server.server_close)
            running.callback(thread.join)
            running.callback(server.shutdown)
        running.enter_context(answering_clients(app, endpoint))
        yield endpoint


def _moto() -> Wsgi:
    """Return moto's application with caches for its repeated work.

    It searches its folders and classes at every request, converts the names of a queue's
    attributes for every message, and copies the whole table for every row of a transaction.
    """
    from moto.core import responses  # noqa: PLC0415
    from moto.dynamodb.models.table import Table  # noqa: PLC0415
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from moto.sqs import models  # noqa: PLC0415

    Table.__deepcopy__ = _snapshot
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    for module in (responses, models):
        module.camelcase_to_underscores = functools.cache(module.camelcase_to_underscores)
    app: Any = DomainDispatcherApplication(create_backend_app)
    app.get_backend_for_host = functools.cache(app.get_backend_for_host)
    return app  # type: ignore[no-any-return]


def _snapshot(table: Any, _memo: object) -> Any:
    """Copy only the parts of a table that a put changes: its rows, and its stream."""
    snapshot = copy.copy(table)
    snapshot.items = table.items.copy()
    if table.stream_shard is not None:
        snapshot.stream_shard = copy.copy(table.stream_shard)
        snapshot.stream_shard.items = list(table.stream_shard.items)
    return snapshot


@contextmanager
def answering_clients(app: OneAtATime, endpoint: str) -> Iterator[None]:
    """Answer the calls of this process's clients to the endpoint without a socket."""
    from botocore import awsrequest  # noqa: PLC0415
    from moto.core.botocore_stubber import MockRawResponse  # noqa: PLC0415
    from moto.core.request import normalize_request  # noqa: PLC0415
    from werkzeug.wrappers import Response  # noqa: PLC0415

    def answer(request: AWSPreparedRequest, **_event: object) -> Any:
        if not request.url.startswith(f"{endpoint}/"):
            return None
        environ = normalize_request(request).environ
        headers: Any = {}
        status = 200
        content: str | bytes | None = _shortcut(request.body, environ, app.lock)
        if content is None:
            found = Response.from_app(app, environ)
            status, content = found.status_code, found.get_data()
            headers = dict(found.headers)
        raw: Any = MockRawResponse(content)
        return awsrequest.AWSResponse(request.url, status, headers, raw)

    before = boto3.DEFAULT_SESSION
    boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION is not None  # noqa: S101 - for the type checker
    answering: Any = answer  # the type stubs do not allow a return value here
    for service in IN_PROCESS:
        boto3.DEFAULT_SESSION.events.register(f"before-send.{service}", answering)
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = before


def _shortcut(body: Any, environ: dict[str, Any], lock: threading.Lock) -> str | None:
    """Answer a call of DynamoDB with a shortcut, or return None to leave it to moto."""
    service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    if not service.startswith(DYNAMODB):
        return None
    fields = json.loads(body)
    with lock:
        table = shortcuts.table_of(fields, environ.get("HTTP_AUTHORIZATION", ""))
        found = shortcuts.answer(operation, fields, table)
    return None if found is None else json.dumps(found)
