"""Serves the files of callers at signed links: an upload by PUT, a download by GET."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from infra.local.storage.errors import LinkInvalid
from tasks.errors import DocumentNotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from infra.local.storage.document_store import FileDocumentStore

PREFIX: Final = "/files/"
STATUSES: Final = {LinkInvalid: 403, DocumentNotFound: 404, Unavailable: 503}

logger = logging.getLogger(__name__)


class FilesMiddleware:
    """ASGI middleware that serves files below `/files/`, without the limits of the API."""

    def __init__(
        self, app: ASGIApp, documents: FileDocumentStore, allowed_origins: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._files = _files_app(documents, allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or pass the request on."""
        is_file = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self._files if is_file else self._app)(scope, receive, send)


def _files_app(documents: FileDocumentStore, allowed_origins: Sequence[str]) -> Starlette:
    app = Starlette(routes=[Route(f"{PREFIX}{{key:path}}", _File)])
    app.state.documents = documents
    for error in STATUSES:
        app.add_exception_handler(error, _refuse)
    if allowed_origins:  # the same as for the bucket in the template
        app.add_middleware(
            CORSMiddleware,
            allow_origins=allowed_origins,
            allow_methods=["GET", "PUT"],
            allow_headers=["*"],
        )
    return app


class _File(HTTPEndpoint):
    """A file. As on S3, a link that is signed for GET is not valid for HEAD."""

    async def put(self, request: Request) -> Response:
        documents, key = _verified(request)
        with documents.writing(key) as write:
            async for chunk in _checked(request.stream(), request.query_params):
                write(chunk)
        return Response()

    def get(self, request: Request) -> Response:
        documents, key = _verified(request)
        content = documents.read(key)
        headers = {"Content-Length": str(content.size)}
        media_type = "application/octet-stream"
        return StreamingResponse(content.chunks, headers=headers, media_type=media_type)


def _verified(request: Request) -> tuple[FileDocumentStore, str]:
    """Return the documents and the key of a request, whose link is valid for its method."""
    documents: FileDocumentStore = request.app.state.documents
    key: str = request.path_params["key"]
    documents.verify(request.method, key, request.query_params)
    return documents, key


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
