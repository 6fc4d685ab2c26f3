"""Redirects to the pages from URLs that differ from theirs only in the slash at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.responses import RedirectResponse

from functions.api.middleware import route_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

IN_QUERIES: Final = "%!$&'()*+,;=:@/?"  # the characters that need no encoding there


class SlashMiddleware:
    """ASGI middleware that redirects to the pages, at whose URLs their relative links work.

    The redirects are relative too, since only the caller knows the whole URL.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 308."""
        answer: ASGIApp = self._app
        if scope["type"] == "http" and (page := _page_of(scope)):
            query = quote(scope["query_string"], safe=IN_QUERIES)
            answer = RedirectResponse(f"{page}?{query}" if query else page, 308)
        await answer(scope, receive, send)


def _page_of(scope: Scope) -> str:
    """Return the relative URL of the page that differs only in the slash, or nothing."""
    path = route_path(scope)
    if not path:
        return quote(scope["path"].rpartition("/")[2]) + "/"
    return "../docs" if path == "/docs/" else ""
