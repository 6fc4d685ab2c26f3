"""The application: routes, middleware, error handlers, documentation and the page."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from functions.api import problems
from functions.api.blocking import run_in_thread
from functions.api.middleware import add_middleware
from functions.api.openapi import TAGS, DescribedApi
from functions.api.routes import batches, catalog, documents, task_list, tasks, webhooks
from functions.api.site import add_site

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Message

    from functions.api.bootstrap import Services


def create_app(services: Services) -> FastAPI:
    """Return the application, ready to serve the first request."""
    app = DescribedApi(
        title="Barback",
        summary="Suggests the next ingredient of a drink.",
        description="`HEAD` is supported wherever `GET` is.",
        version="1",
        license_info={"name": "MIT", "identifier": "MIT"},
        openapi_tags=TAGS,
        # The names of operations, for example in generated clients.
        generate_unique_id_function=lambda route: route.name,
        # Relative to the URL of openapi.json, so that it also holds behind a stage's prefix.
        servers=[{"url": "."}],
        root_path_in_servers=False,
        # `/api/process/` is another path. SlashMiddleware redirects where a page needs it.
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    routers = (tasks, batches, task_list, webhooks, documents, catalog)
    for module in routers:
        app.include_router(module.router)
    app.state.calls = [route for module in routers for route in module.router.routes]
    add_site(app)
    add_middleware(app, services.settings.allowed_origins)
    problems.register_error_handlers(app)
    # Starlette would otherwise build it during the first request.
    app.middleware_stack = app.build_middleware_stack()
    return app


def warm_up(app: FastAPI) -> None:
    """Answer a request and use a thread, so that lazily imported modules are loaded.

    It runs in a thread of its own, because this thread's event loop may be running.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _answer_health_check(app)).result()


async def _answer_health_check(app: FastAPI) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/health",
        "query_string": b"",
        "headers": [],
    }

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        pass

    await app(scope, receive, send)
    await run_in_thread(lambda: None)
