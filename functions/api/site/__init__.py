"""The page at `/`, the API reference at `/docs` and their assets.

Digests, HTML texts and ETags are computed once, when the site is added to the application.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from functions.api.site.redirects import SlashMiddleware

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from fastapi import FastAPI
    from starlette.types import Scope

STATIC: Final = Path(__file__).parent / "static"
PAGE_ASSETS: Final = "page"
DOCS_ASSETS: Final = "docs/assets"
SWAGGER_UI: Final = ("fastapi_swagger", "resources")  # a package, and its folder of files

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
# The gateway may compress the files.
IMMUTABLE: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}
REVALIDATE: Final = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
NO_STORE: Final = {"Cache-Control": "no-store"}


class VersionedFiles(StaticFiles):
    """Static files under a version in the URL, so that browsers can cache them forever.

    The version is a digest of all files. A page therefore loads assets of one deployment only.
    """

    def __init__(
        self, *, directory: Path | None = None, packages: list[str | tuple[str, str]] | None = None
    ) -> None:
        """Find the files and compute their version."""
        super().__init__(directory=directory, packages=packages, follow_symlink=True)
        self.version: Final = _digest(map(Path, self.all_directories))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file at `<version>/<name>`.

        Raises:
            HTTPException: 404 if the version is another one or the file does not exist.
        """
        version, _, name = path.partition(os.sep)
        if version != self.version:
            raise HTTPException(404, headers=NO_STORE)
        response = await super().get_response(name, scope)
        response.headers.update(IMMUTABLE | SECURITY_HEADERS)
        return response


def add_site(app: FastAPI) -> None:
    """Serve the page at `/`, the API reference at `/docs`, and their assets."""
    app.add_middleware(SlashMiddleware)
    page_assets = VersionedFiles(directory=STATIC)
    docs_assets = VersionedFiles(packages=[SWAGGER_UI])
    versions = {PAGE_ASSETS: page_assets.version, DOCS_ASSETS: docs_assets.version}
    app.mount(f"/{PAGE_ASSETS}", page_assets)
    app.mount(f"/{DOCS_ASSETS}", docs_assets)
    for path, name in {"/": "index.html", "/docs": "docs.html"}.items():
        endpoint = _html_endpoint(name, versions)
        app.add_api_route(path, endpoint, include_in_schema=False)


def _html_endpoint(name: str, versions: dict[str, str]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that serves an HTML file, or 304 if the caller has its current text."""
    text = _with_versions((STATIC / name).read_text(encoding="utf-8"), versions)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    headers = SECURITY_HEADERS | REVALIDATE | {"ETag": etag}

    async def endpoint(request: Request) -> Response:
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return HTMLResponse(text, headers=headers)

    return endpoint


def _with_versions(html: str, versions: dict[str, str]) -> str:
    """Insert the versions into the URLs of the assets."""
    for path, version in versions.items():
        html = html.replace(f'"{path}/', f'"{path}/{version}/')
    return html


def _digest(folders: Iterable[Path]) -> str:
    """Return a digest of the names and contents of all files; builds may change the dates.

    A link to a folder counts as that folder, which a build puts in its place.
    """
    digest = hashlib.sha256()
    for folder in folders:
        walk = os.walk(folder, followlinks=True)
        for path in sorted(Path(place, name) for place, _, names in walk for name in names):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
