"""Serves the files of callers at signed links: an upload by PUT, a download by GET."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from infra.local.storage.errors import LinkInvalid
from tasks.errors import DocumentNotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from infra.local.storage.document_store import FileDocumentStore

PREFIX: Final = "/files/"
STATUSES: Final = {LinkInvalid: 403, DocumentNotFound: 404, Unavailable: 503}

logger = logging.getLogger(__name__)


class FilesMiddleware:
    """ASGI middleware that serves files below `/files/`, without the limits of the API."""

    def __init__(self, app: ASGIApp, documents: FileDocumentStore) -> None:
        self._app = app
        self._files = _files_app(documents)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or pass the request on."""
        is_file = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self._files if is_file else self._app)(scope, receive, send)


def _files_app(documents: FileDocumentStore) -> Starlette:
    async def upload(request: Request) -> Response:
        key = request.path_params["key"]
        documents.verify("PUT", key, request.query_params)
        with documents.writing(key) as write:
            async for chunk in _checked(request.stream(), request.query_params):
                write(chunk)
        return Response()

    def download(request: Request) -> Response:
        key = request.path_params["key"]
        documents.verify("GET", key, request.query_params)
        content = documents.read(key)
        headers = {"Content-Length": str(content.size)}
        media_type = "application/octet-stream"
        return StreamingResponse(content.chunks, headers=headers, media_type=media_type)

    path = f"{PREFIX}{{key:path}}"
    app = Starlette(
        routes=[Route(path, upload, methods=["PUT"]), Route(path, download, methods=["GET"])]
    )
    for error in STATUSES:
        app.add_exception_handler(error, _refuse)
    return app


async def _checked(chunks: AsyncIterator[bytes], link: Mapping[str, str]) -> AsyncIterator[bytes]:
    """Yield the chunks.

    Raises:
        LinkInvalid: they have another size or another digest than the link allows.
    """
    left = int(link["size"])
    digest = hashlib.sha256()
    async for chunk in chunks:
        if (left := left - len(chunk)) < 0:
            break
        digest.update(chunk)
        yield chunk
    if left:
        raise LinkInvalid(f"Send exactly {link['size']} bytes to this link.")
    if digest.hexdigest() != link.get("sha256", digest.hexdigest()):
        raise LinkInvalid("Send the content with the announced SHA-256 digest to this link.")


def _refuse(_: Request, error: Exception) -> Response:
    headers = None
    if isinstance(error, Unavailable):
        logger.warning("A file was refused: %s", error)
        headers = {"Retry-After": "1"}
    return PlainTextResponse(f"{error}\n", STATUSES[type(error)], headers)
