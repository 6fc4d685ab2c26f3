"""The application: routes, errors, documentation and the page, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.api import documents, errors, routes
from functions.api.cors import Cors
from functions.api.limits import BodyLimit, HeadLimit, Private
from functions.api.openapi import DescribedApi
from functions.api.site import add_site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi import FastAPI

    from functions.api.dependencies import Services


def create_app(
    services: Callable[[], Services], origins: Callable[[], Sequence[str]] = tuple
) -> FastAPI:
    """Make the application.

    Args:
        services: called at every request, and makes them at the first.
        origins: called at the first request: the pages elsewhere that may call this API.
    """
    app = DescribedApi(
        title="Barback",
        summary="Suggests the next ingredient of a drink.",
        version="1",
        license_info={"name": "MIT", "identifier": "MIT"},
        # Relative to where openapi.json is, so that it holds behind a stage's prefix too.
        servers=[{"url": "."}],
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    app.include_router(routes.router)
    app.include_router(documents.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(HeadLimit)
    app.add_middleware(Private)
    app.add_middleware(Cors, origins)
    errors.install(app)
    add_site(app)
    return app
