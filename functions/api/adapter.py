"""The adapter between API Gateway's events and the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from starlette.applications import Starlette
from starlette.routing import Mount

from functions.api.middleware import add_middleware
from functions.api.problems import MEDIA_TYPE, problem_response

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mangum.types import LambdaContext, LambdaEvent

    from functions.api.bootstrap import Services

TEXT_TYPES: Final = [*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE]


class Adapter(Mangum):
    """Mangum, with an answer to events that it cannot read: bad base64, ports or Unicode.

    The application itself never raises, so a ValueError can only come from reading the event.
    """

    def __init__(self, app: FastAPI) -> None:
        # With lifespan on, Mangum would start and stop the application in every invocation.
        super().__init__(app, lifespan="off", text_mime_types=TEXT_TYPES)
        services: Services = app.state.services
        self._refuse = Mangum(
            _refusing_app(services.settings.allowed_origins),
            lifespan="off",
            text_mime_types=TEXT_TYPES,
        )

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer an event."""
        try:
            return super().__call__(event, context)
        except ValueError:
            return self._refuse(_readable_part(event), context)


def _refusing_app(allowed_origins: tuple[str, ...]) -> Starlette:
    """Return an application that answers 400 with the headers that all responses have."""
    problem = problem_response("malformed", "The request cannot be read; check its headers.")
    app = Starlette(routes=[Mount("/", problem)])
    add_middleware(app, allowed_origins)
    return app


def _readable_part(event: LambdaEvent) -> LambdaEvent:
    """Return an event with nothing of the original but HEAD and the origin, which CORS needs."""
    headers = event.get("headers") or {}
    origin = next((value for name, value in headers.items() if name.lower() == "origin"), "")
    is_readable = isinstance(origin, str) and origin.isascii()
    allowed = {"Origin": origin} if origin and is_readable else {}
    return {
        "resource": "/api/{proxy+}",
        "path": "/api/",
        "httpMethod": "HEAD" if event.get("httpMethod") == "HEAD" else "GET",
        "headers": allowed,
        "requestContext": event.get("requestContext") or {},
        "body": None,
        "isBase64Encoded": False,
    }
