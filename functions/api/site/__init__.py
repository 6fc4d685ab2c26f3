"""The page at `/`, the API reference at `/docs` and their assets.

Files are read, and digests, HTML texts and ETags computed, once: when the site is added to the
application.
"""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from importlib import resources
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from functions.api.site.redirects import SlashMiddleware

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastapi import FastAPI

STATIC: Final = Path(__file__).parent / "static"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": POLICY,
}
STYLE_SHEETS: Final = re.compile(r'<link rel="stylesheet" href="page/(\w+\.css)">\s*')
STYLES: Final = re.compile("<style>(.*?)</style>", re.DOTALL)
# The gateway may compress the files.
IMMUTABLE: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}
REVALIDATE: Final = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
NO_STORE: Final = {"Cache-Control": "no-store"}


class VersionedFiles:
    """Files in memory, under a version in the URL, so that browsers can cache them forever.

    The version is a digest of all files. A page therefore loads assets of one deployment only.
    """

    def __init__(self, folder: Path) -> None:
        """Read the files. A link to a folder counts as that folder, as in a build."""
        walk = os.walk(folder, followlinks=True)
        paths = sorted(Path(place, name) for place, _, names in walk for name in names)
        self._files: Final = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in paths
        }
        self.version: Final = _digest(self._files)

    async def endpoint(self, version: str, name: str) -> Response:
        """Return a file.

        Raises:
            HTTPException: 404 if the version is another one or the file does not exist.
        """
        content = self._files.get(name) if version == self.version else None
        if content is None:
            raise HTTPException(404, headers=NO_STORE)
        media_type, _ = guess_type(name)
        return Response(content, headers=IMMUTABLE | SECURITY_HEADERS, media_type=media_type)


def swagger_ui() -> Path:
    """Return the folder with the files of Swagger UI."""
    return Path(str(resources.files("fastapi_swagger") / "resources"))


def add_site(app: FastAPI) -> None:
    """Serve the page at `/`, the API reference at `/docs`, and their assets."""
    app.add_middleware(SlashMiddleware)
    assets = {"page": VersionedFiles(STATIC), "docs/assets": VersionedFiles(swagger_ui())}
    for path, files in assets.items():
        route = f"/{path}/{{version}}/{{name:path}}"
        app.add_api_route(route, files.endpoint, include_in_schema=False)
    versions = {path: files.version for path, files in assets.items()}
    for path, name in {"/": "index.html", "/docs": "docs.html"}.items():
        endpoint = _html_endpoint(name, versions)
        app.add_api_route(path, endpoint, include_in_schema=False)


def _html_endpoint(name: str, versions: dict[str, str]) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that serves an HTML file, or 304 if the caller has its current text."""
    html = (STATIC / name).read_text(encoding="utf-8")
    text = _with_versions(_with_styles(html), versions)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    policy = {"Content-Security-Policy": _policy_for(text)}
    headers = SECURITY_HEADERS | policy | REVALIDATE | {"ETag": etag}

    async def endpoint(request: Request) -> Response:
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return HTMLResponse(text, headers=headers)

    return endpoint


def _with_styles(html: str) -> str:
    """Replace links to style sheets by their texts, so that the first paint needs one request."""
    names = STYLE_SHEETS.findall(html)
    if not names:
        return html
    css = "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    return STYLE_SHEETS.sub("", html).replace("</head>", f"<style>{css}</style></head>")


def _with_versions(html: str, versions: dict[str, str]) -> str:
    """Insert the versions into the URLs of the assets."""
    for path, version in versions.items():
        html = html.replace(f'"{path}/', f'"{path}/{version}/')
    return html


def _policy_for(html: str) -> str:
    """Return the policy for the HTML as it is sent: of inline styles, it allows just these."""
    found = STYLES.search(html)
    if found is None:
        return POLICY
    digest = b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    return POLICY.replace("style-src 'self'", f"style-src 'sha256-{digest}'")


def _digest(files: Mapping[str, bytes]) -> str:
    """Return a digest of the names and contents of all files; builds may change the dates."""
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
