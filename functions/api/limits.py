"""What a request may be at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from functions.api.errors import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Bytes. 100 drinks with 32 ingredients each fit three times, and ten messages into one call of SQS.
MAX_BODY: Final = 192 * 1024
# What API Gateway takes of headers, so that one machine refuses what the deployment would refuse.
MAX_HEADERS: Final = 10 * 1024
MAX_URL: Final = 8 * 1024


class HeadLimit:
    """ASGI middleware that refuses a URL above `MAX_URL` and headers above `MAX_HEADERS`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 414 or 431 without a look at its body."""
        answer: ASGIApp = self._app
        if scope["type"] == "http":
            if len(scope["path"]) + len(scope["query_string"]) > MAX_URL:
                answer = problem_response("uri-too-long")
            elif sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
                answer = problem_response("headers-too-large")
        await answer(scope, receive, send)


class Private:
    """ASGI middleware that keeps what the API answers out of caches: it depends on the caller."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and add two headers to its answer."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        is_call = scope["type"] == "http" and scope["path"].startswith("/api/")
        await self._app(scope, receive, sent if is_call else send)


class BodyLimit:
    """ASGI middleware that stops the reading of a body that is larger than `MAX_BODY`.

    FastAPI's own limit answers in plain text, whatever its exception handlers say.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; reading too much of it raises HTTPException 413."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
