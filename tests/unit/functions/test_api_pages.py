"""How the page and the docs are served."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING

import pytest

from functions.api.pages import FOLDER, Assets
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.functions.conftest import Api

FILES = sorted(path for path in FOLDER.iterdir() if path.is_file())
PAGES = ("/", "/docs")


def loaded_by(html: str) -> list[str]:
    """Return what a browser loads for a page."""
    links = re.findall(r'<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"', html)
    return [link for link in links if not link.startswith("data:")]


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_kept_for_good(api: Api, path: str) -> None:
    """It has the content's digest in its URL, which is relative: it holds below a stage too."""
    html = api.http.get(path).text
    urls = loaded_by(html)
    assert urls
    for url in urls:
        assert re.match(r"(page|docs/assets)/[0-9a-f]{16}/\w", url)
        answer = api.http.get(f"/{url}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_itself_is_asked_for_again(api: Api, path: str) -> None:
    """A browser that has the present version is told so, without a body."""
    first = api.http.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = api.http.get(path, headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert api.http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_head_of_the_page_will_do(api: Api) -> None:
    """Monitors ask for no body."""
    assert api.http.head("/").status_code == 200


@pytest.mark.parametrize(
    "path", ["app.js", "0123456789abcdef/app.js", "{version}/nothing.js", "{version}/..%2fpages.py"]
)
def test_another_version_is_not_found(api: Api, path: str) -> None:
    """During a deployment a page never gets a file of another version in place of its own."""
    version = Assets(directory=FOLDER).version
    answer = api.http.get(f"/page/{path.format(version=version)}")
    assert problem_of(answer) == "not-found"
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_version_is_the_content_s(tmp_path: Path) -> None:
    """Dates do not count, since a build may fix them; contents and names do."""

    def version() -> str:
        return Assets(directory=tmp_path).version

    file = tmp_path / "a.js"
    file.write_text("1", encoding="utf-8")
    first = version()
    os.utime(file, (0, 0))
    assert version() == first
    file.write_text("2", encoding="utf-8")
    second = version()
    assert second != first
    file.rename(tmp_path / "b.js")
    assert version() not in (first, second)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_but_its_own_files(api: Api, path: str) -> None:
    """The policy forbids all else, and the page needs no exception from it."""
    answer = api.http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=|javascript:", answer.text)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_page_needs_no_other_host(file: Path) -> None:
    """Nor any file that is not there; a namespace is a name, not an address."""
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\((?!#)|@import", text)
    for name in re.findall(r'(?:from|import\() "\./([^"]+)"', text):
        assert (FOLDER / name).is_file()


def test_the_gateway_gets_text(api: Api) -> None:
    """What Mangum does not know to be text would reach the browser as base64."""
    text = importlib.import_module("functions.api.handler").TEXT
    version = Assets(directory=FOLDER).version
    for file in FILES:
        kind = api.http.get(f"/page/{version}/{file.name}").headers["content-type"]
        assert kind.startswith(tuple(text)), file
