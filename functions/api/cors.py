"""Cross-origin requests, from the origins that the deployment names and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send


class Cors:
    """ASGI middleware that asks for the origins at the first request, and not at import."""

    def __init__(self, app: ASGIApp, origins: Callable[[], Sequence[str]]) -> None:
        self._app = app
        self._origins = origins
        self._inner: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; a preflight is answered here, if there are origins."""
        if self._inner is None:
            self._inner = self._wrapped(self._origins())
        await self._inner(scope, receive, send)

    def _wrapped(self, origins: Sequence[str]) -> ASGIApp:
        if not origins:
            return self._app
        return CORSMiddleware(
            self._app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Content-Type", "Idempotency-Key", "Prefer", "x-api-key"],
            expose_headers=["Content-Language", "Location", "Preference-Applied", "Retry-After"],
        )
