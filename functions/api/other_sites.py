"""The middleware that refuses changes by pages of other sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers

from functions.api.problems import problem_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

CHANGES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
OTHER_SITES: Final = frozenset({"cross-site", "same-site"})  # values of Sec-Fetch-Site


class OtherSiteMiddleware:
    """ASGI middleware that refuses changes by pages of other sites.

    Browsers send simple requests of any page without asking first, although the page cannot read
    the answers. Without a gateway no key protects the service from them.
    """

    def __init__(self, app: ASGIApp, allowed_origins: Sequence[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        answer: ASGIApp = self._app
        if scope["type"] == "http" and scope["method"] in CHANGES:
            headers = Headers(scope=scope)
            is_other = headers.get("sec-fetch-site", "") in OTHER_SITES
            if is_other and headers.get("origin", "") not in self._allowed:
                answer = problem_response("other-site")
        await answer(scope, receive, send)
