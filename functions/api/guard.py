"""Refuses a body that is too large or is not JSON before anything reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from functions.api.errors import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 256 * 1024  # bytes; 100 drinks with 32 ingredients each fit four times


class BodyGuard:
    """ASGI middleware that reads the body itself, up to `MAX_BODY`, and hands it on whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer 413 or 415."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if len(body) > MAX_BODY:
            detail = f"A body has at most {MAX_BODY // 1024} KiB; send the drinks in parts."
            await problem_response("too-large", detail)(scope, receive, send)
        elif body and not _says_json(scope):
            await problem_response("unsupported-media-type")(scope, receive, send)
        else:
            await self._app(scope, _replay(body, receive), send)


async def _read(receive: Receive) -> bytes:
    """Read the body, one chunk past the limit at most."""
    body = b""
    while len(body) <= MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def _says_json(scope: Scope) -> bool:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return content_type == b"application/json" or content_type.endswith(b"+json")
