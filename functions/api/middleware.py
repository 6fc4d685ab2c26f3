"""The middleware of the API: CORS, HEAD, headers against caching, a catch-all, and limits."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from functions.api.other_sites import OtherSiteMiddleware
from functions.api.problems import problem_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# In bytes. The body may hold 100 drinks with 32 ingredients each three times over.
MAX_BODY: Final = 192 * 1024
# API Gateway has the same limit for headers, so the local stack refuses the same requests.
MAX_HEADERS: Final = 10 * 1024
MAX_URL: Final = 8 * 1024
# Those that the API reads. The server compares repeated Content-Length headers itself.
SINGLE_HEADERS: Final = frozenset(
    {b"content-type", b"host", b"idempotency-key", b"origin", b"x-api-key"}
)

logger = logging.getLogger(__name__)


def add_middleware(app: Starlette, allowed_origins: Sequence[str]) -> None:
    """Add all middleware. The last one added is the outermost."""
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(RepeatedHeaderMiddleware)
    app.add_middleware(HeaderLimitMiddleware)
    app.add_middleware(CatchAllMiddleware)
    app.add_middleware(OtherSiteMiddleware, allowed_origins=allowed_origins)
    app.add_middleware(NoStoreMiddleware)
    app.add_middleware(HeadMiddleware)
    if allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=allowed_origins,
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=[
                "Content-Type",
                "Idempotency-Key",
                "Prefer",
                "traceparent",
                "x-api-key",
            ],
            expose_headers=["Content-Language", "Location", "Preference-Applied", "Retry-After"],
        )


class HeadMiddleware:
    """ASGI middleware that answers HEAD as GET, without the body, and adds it to `Allow`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, a HEAD as a GET."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _allow_head(MutableHeaders(scope=message))
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send_changed)


def _allow_head(headers: MutableHeaders) -> None:
    """Add HEAD to the methods of a 405 response that has GET among them."""
    allowed = headers.get("allow", "").split(", ")
    if "GET" in allowed and "HEAD" not in allowed:
        headers["Allow"] = ", ".join([*allowed, "HEAD"])


class NoStoreMiddleware:
    """ASGI middleware that forbids caching of API responses, which depend on the caller."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add two headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        is_call = scope["type"] == "http" and route_path(scope).startswith("/api/")
        await self._app(scope, receive, send_with_headers if is_call else send)


def route_path(scope: Scope) -> str:
    """Return the path without the prefix of a stage or of a custom domain's base path."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class CatchAllMiddleware:
    """ASGI middleware that answers an unexpected error with 500 and logs it once.

    Starlette's own handler for such errors is outside all other middleware, so its response would
    lack their headers, and it raises the error again for the server to log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an error after the response has started is raised again."""
        has_started = False

        async def track(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, track)
        except Exception:
            if has_started:
                raise
            logger.exception("A request failed")
            await problem_response("internal")(scope, receive, send)


class HeaderLimitMiddleware:
    """ASGI middleware that refuses long URLs and headers, and bodies with a `Content-Encoding`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 414, 415 or 431 without reading its body."""
        answer: ASGIApp = self._app
        if scope["type"] == "http":
            if len(scope["path"]) + len(scope["query_string"]) > MAX_URL:
                answer = problem_response("uri-too-long")
            elif sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
                answer = problem_response("headers-too-large")
            elif encoding := _encoding_of(scope):
                detail = f"The body is encoded as {encoding}, which this API does not read; "
                detail += "send it without an encoding."
                answer = problem_response("unsupported-media-type", detail)
        await answer(scope, receive, send)


def _encoding_of(scope: Scope) -> str:
    """Return the `Content-Encoding` of a request, or nothing if the body is not encoded."""
    encoding = Headers(scope=scope).get("content-encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding


class RepeatedHeaderMiddleware:
    """ASGI middleware that combines the lines of a list, such as `Prefer`, into one header.

    A header that has one value is refused if it is repeated: one value would be ignored.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        lines = _header_lines(scope)
        values: dict[bytes, list[bytes]] = {}
        for name, value in lines:
            values.setdefault(name, []).append(value)
        if len(values) < len(lines):
            for name in SINGLE_HEADERS & values.keys():
                if len(values[name]) > 1:
                    detail = f"Send the header {name.decode()} only once."
                    await problem_response("malformed", detail)(scope, receive, send)
                    return
            combined = [(name, b", ".join(found)) for name, found in values.items()]
            scope = {**scope, "headers": combined}
        await self._app(scope, receive, send)


def _header_lines(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the header lines of a request. Mangum has already combined those of an event."""
    headers = (scope.get("aws.event") or {}).get("multiValueHeaders")
    if not headers:
        return list(scope.get("headers", ()))
    return [
        (name.lower().encode(), value.encode())
        for name, values in headers.items()
        if isinstance(values, list)
        for value in values
    ]


class BodyLimitMiddleware:
    """ASGI middleware that stops reading a body larger than `MAX_BODY`.

    FastAPI's own limit answers in plain text and ignores the exception handlers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; reading too much of its body raises HTTPException 413."""
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_counted, send)
