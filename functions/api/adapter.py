"""The adapter between API Gateway's events and the application."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers import APIGateway
from starlette.applications import Starlette
from starlette.routing import Mount

from functions.api.middleware import add_middleware
from functions.api.problems import MEDIA_TYPE, problem_response

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mangum.types import LambdaContext, LambdaEvent, Scope

    from functions.api.bootstrap import Services

TEXT_TYPES: Final = [*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE]
IGNORED: Final = "The event is not a request of API Gateway; nothing was done."

logger = logging.getLogger(__name__)


class RestApi(APIGateway):
    """Mangum's reader of REST API events, with the prefix of the caller's URL as `root_path`.

    The prefix is a stage or the base path of a custom domain: what precedes the resource.
    """

    @property
    def scope(self) -> Scope:
        """Return the ASGI scope."""
        root_path, path = _split_path(self.event)
        return {**super().scope, "root_path": root_path, "path": path}


def _split_path(event: LambdaEvent) -> tuple[str, str]:
    """Return the prefix and the whole path of the caller's URL, which begins with the prefix.

    `requestContext.path` is the whole path, but the path of the resource in `sam local`. `path`
    lacks the stage. Both may end with a slash that the resource and its parameter do not have.
    """
    parameters = event.get("pathParameters") or {}
    resource = event["resource"].replace("{proxy+}", parameters.get("proxy") or "")
    relative = unquote(resource).rstrip("/")
    for found in (event["requestContext"].get("path"), event["path"]):
        path = unquote(found or "/")
        if path.rstrip("/").endswith(relative):
            return path.rstrip("/").removesuffix(relative), path
    return "", path


class Adapter(Mangum):
    """Mangum, with an answer to events that it cannot read: bad base64, ports or Unicode.

    The application itself never raises, so a ValueError can only come from reading the event.
    """

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            app,
            # Mangum would start and stop the application in every invocation.
            lifespan="off",
            custom_handlers=[RestApi],
            text_mime_types=TEXT_TYPES,
        )
        services: Services = app.state.services
        self._refuse = Mangum(
            _refusing_app(services.settings.allowed_origins),
            lifespan="off",
            text_mime_types=TEXT_TYPES,
        )

    def __call__(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """Answer a request; ignore any other event, such as one that keeps the function warm."""
        if not _is_request(event):
            logger.info(IGNORED)
            return {"ignored": IGNORED}
        try:
            return super().__call__(event, context)
        except ValueError:
            return self._refuse(_readable_part(event), context)


def _is_request(event: Any) -> bool:
    """Whether a REST API sent the event."""
    return (
        isinstance(event, dict)
        and isinstance(event.get("requestContext"), dict)
        and all(isinstance(event.get(name), str) for name in ("httpMethod", "path", "resource"))
    )


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
