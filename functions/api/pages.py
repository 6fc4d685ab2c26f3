"""The page and the docs: files that a browser loads, and the headers that they come with."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Scope

FOLDER: Final = Path(__file__).parent / "page"
ASSETS: Final = "page"
DOCS_ASSETS: Final = "docs/assets"

SAFETY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_FIRST: Final = {"Cache-Control": "no-cache"}
NEVER: Final = {"Cache-Control": "no-store"}


class Assets(StaticFiles):
    """Static files below a folder that is named after their content, to be kept for good.

    What a page loads is thus all of one version: a deployment's files never mix with another's.
    """

    @cached_property
    def version(self) -> str:
        """The digest of all files: of names and contents, since a build may fix the dates."""
        digest = hashlib.sha256()
        for folder in map(Path, self.all_directories):
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:16]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `<version>/<name>`.

        Raises:
            HTTPException: 404 for another version, and for what is not there.
        """
        version, _, name = path.partition(os.sep)
        if version != self.version:
            raise HTTPException(404, headers=NEVER)
        response = await super().get_response(name, scope)
        response.headers.update(FOR_GOOD | SAFETY)
        return response


def add_pages(app: FastAPI) -> None:
    """Serve the page at `/`, the docs at `/docs` and what they load."""
    mounted = {
        ASSETS: Assets(directory=FOLDER),
        DOCS_ASSETS: Assets(packages=[("fastapi_offline", "static")]),
    }
    for path, assets in mounted.items():
        app.mount(f"/{path}", assets)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def page(request: Request) -> Response:
        return _html("index.html", request, {ASSETS: mounted[ASSETS]})

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        return _html("docs.html", request, mounted)


def _html(name: str, request: Request, mounted: dict[str, Assets]) -> Response:
    """Return a page that loads the present version of its assets, or 304 if the caller has it."""
    etag = f'"{"-".join(assets.version for assets in mounted.values())}"'
    headers = SAFETY | ASK_FIRST | {"ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    text = (FOLDER / name).read_text(encoding="utf-8")
    for path, assets in mounted.items():
        text = text.replace(f'"{path}/', f'"{path}/{assets.version}/')
    return HTMLResponse(text, headers=headers)
