"""The application: routes, errors, documentation and the page, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

from functions.api import errors, routes
from functions.api.limits import BodyLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.api.dependencies import Services

PAGE: Final = Path(__file__).parent / "page"


def create_app(services: Callable[[], Services]) -> FastAPI:
    """Make the application; `services` is called at every request and made at the first."""
    app = FastAPI(
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
    app.add_middleware(BodyLimit)
    errors.install(app)
    _add_pages(app)
    return app


def _add_pages(app: FastAPI) -> None:
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    assets = StaticFiles(packages=[("fastapi_offline", "static")])
    app.mount("/docs/assets", assets, name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title="Barback",
            swagger_js_url="docs/assets/swagger-ui-bundle.js",
            swagger_css_url="docs/assets/swagger-ui.css",
            swagger_favicon_url="data:,",
        )

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")
