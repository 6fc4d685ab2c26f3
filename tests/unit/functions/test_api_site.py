"""How the page and the API reference are served."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from functions.api import site
from functions.api.adapter import TEXT_TYPES
from functions.api.site import STATIC, VersionedFiles, add_site, swagger_ui
from infra.transform import PYTHON as SAM_PYTHON
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

FILES = sorted(path for path in STATIC.iterdir() if path.is_file())
CLIENT = sorted((STATIC / "client").iterdir())
PAGES = ("/", "/docs")


def asset_urls(html: str) -> list[str]:
    """Return the URLs of the scripts and style sheets that a page loads."""
    links = re.findall(r'<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"', html)
    return [link for link in links if not link.startswith("data:")]


@pytest.mark.parametrize("path", PAGES)
def test_browsers_cache_assets_forever(api: Api, path: str) -> None:
    """An asset's URL contains a digest, and is relative so that it works under a stage prefix."""
    urls = asset_urls(api.http.get(path).text)
    assert urls
    for url in urls:
        assert re.match(r"(page|docs/assets)/[0-9a-f]{16}/\w", url)
        answer = api.http.get(f"/{url}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_function_carries_no_large_file_that_the_docs_do_not_load(api: Api) -> None:
    """Such as a second viewer of the description."""
    large = {file.name for file in swagger_ui().iterdir() if file.stat().st_size > 10_000}
    loaded = {url.rpartition("/")[2] for url in asset_urls(api.http.get("/docs").text)}
    assert large <= loaded


@pytest.mark.parametrize("path", PAGES)
def test_caches_keep_compressed_and_other_responses_apart(api: Api, path: str) -> None:
    """The gateway compresses large responses if the caller accepts that."""
    html = api.http.get(path)
    etag = {"If-None-Match": html.headers["etag"]}
    assets = [api.http.get(f"/{url}") for url in asset_urls(html.text)]
    for response in (html, api.http.get(path, headers=etag), *assets):
        assert response.headers["vary"] == "Accept-Encoding"
        assert "content-encoding" not in response.headers  # or the gateway would not compress it


@pytest.mark.parametrize("path", PAGES)
def test_browsers_revalidate_a_page_before_they_use_it_again(api: Api, path: str) -> None:
    """A browser that has the current version gets 304 without a body."""
    first = api.http.get(path)
    assert first.headers["cache-control"] == "no-cache"
    second = api.http.get(path, headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    assert api.http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_etags_of_two_pages_differ(api: Api) -> None:
    """An ETag is a digest of the page's own text."""
    assert len({api.http.get(path).headers["etag"] for path in PAGES}) == 2


@pytest.mark.parametrize(
    "path", ["app.js", "0123456789abcdef/app.js", "{version}/none.js", "{version}/..%2f__init__.py"]
)
def test_assets_of_another_version_are_not_found(api: Api, path: str) -> None:
    """During a deployment, a page never gets an asset of another version."""
    version = VersionedFiles(STATIC).version
    answer = api.http.get(f"/page/{path.format(version=version)}")
    assert problem_of(answer) == "not-found"
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_version_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    """Modification times do not count, since a build may change them."""

    def version() -> str:
        return VersionedFiles(tmp_path).version

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


def test_the_site_is_read_before_the_first_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SnapStart snapshot then contains it; no request reads a file."""
    for name in ("index.html", "docs.html"):
        (tmp_path / name).write_text('<script src="page/app.js"></script>', encoding="utf-8")
    (tmp_path / "app.js").write_text("1", encoding="utf-8")
    monkeypatch.setattr(site, "STATIC", tmp_path)
    app = FastAPI(docs_url=None)
    add_site(app)
    version = VersionedFiles(tmp_path).version
    for file in tmp_path.iterdir():
        file.unlink()
    for path in PAGES:
        assert f'"page/{version}/app.js"' in TestClient(app).get(path).text
    assert TestClient(app).get(f"/page/{version}/app.js").text == "1"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_only_its_own_files(api: Api, path: str) -> None:
    """The policy forbids everything else, and the page contains nothing that it forbids."""
    answer = api.http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script>|\sstyle=|\son\w+=|javascript:", answer.text)


def test_the_first_paint_of_the_page_needs_one_request(api: Api) -> None:
    """Its styles are in the document, and the policy allows just these."""
    answer = api.http.get("/")
    assert 'rel="stylesheet"' not in answer.text
    [css] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert css.count("/* ") >= 8
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in answer.headers["content-security-policy"]


def test_the_policy_allows_the_styles_as_they_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is also inserted into a URL in a style sheet."""
    html = '<head><link rel="stylesheet" href="page/style.css"></head>'
    for name in ("index.html", "docs.html"):
        (tmp_path / name).write_text(html, encoding="utf-8")
    (tmp_path / "style.css").write_text('body { mask: url("page/ice.svg"); }', encoding="utf-8")
    monkeypatch.setattr(site, "STATIC", tmp_path)
    app = FastAPI(docs_url=None)
    add_site(app)
    answer = TestClient(app).get("/")
    [css] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert f'"page/{VersionedFiles(tmp_path).version}/ice.svg"' in css
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_asset_loads_nothing_from_another_host(file: Path) -> None:
    """The SVG namespace is a name, not an address."""
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\((?!#)|@import", text)


@pytest.mark.parametrize("file", FILES + CLIENT, ids=lambda file: file.name)
def test_every_imported_module_exists(file: Path) -> None:
    statement = r'^(?:import|export|\}) ?.*from "([^"]+)"'
    for name in re.findall(statement, file.read_text("utf-8"), re.MULTILINE):
        assert name.startswith("./")
        assert (file.parent / name).is_file()


def test_the_page_uses_the_client_that_javascript_programs_use(api: Api) -> None:
    """It is served with the page, and a change of it changes the version of the page's assets."""
    source = Path(__file__).parents[3] / "clients/typescript/src"
    assert [file.name for file in CLIENT] == sorted(file.name for file in source.iterdir())
    version = VersionedFiles(STATIC).version
    for file in CLIENT:
        answer = api.http.get(f"/page/{version}/client/{file.name}")
        assert answer.content == (source / file.name).read_bytes()
        assert answer.headers["content-type"].startswith(tuple(TEXT_TYPES))


def test_the_build_puts_the_client_into_the_function(tmp_path: Path) -> None:
    """SAM copies the folder of the function, and the files behind its links."""
    code = (
        "import sys; from aws_lambda_builders.actions import CopySourceAction;"
        "CopySourceAction(sys.argv[1], sys.argv[2]).execute()"
    )
    subprocess.run([SAM_PYTHON, "-c", code, STATIC, tmp_path / "built"], check=True)
    assert not (tmp_path / "built/client").is_symlink()
    built = VersionedFiles(tmp_path / "built")
    assert built.version == VersionedFiles(STATIC).version


def test_a_linked_folder_and_a_copy_of_it_have_the_same_version(tmp_path: Path) -> None:
    """The build of the function replaces links by copies."""
    for name in ("client", "linked", "copied"):
        (tmp_path / name).mkdir()
    (tmp_path / "client/a.js").write_text("1", encoding="utf-8")
    (tmp_path / "linked/client").symlink_to("../client")
    shutil.copytree(tmp_path / "client", tmp_path / "copied/client")

    def version(name: str) -> str:
        return VersionedFiles(tmp_path / name).version

    assert version("linked") == version("copied")
    (tmp_path / "client/a.js").write_text("2", encoding="utf-8")
    assert version("linked") != version("copied")


def test_api_gateway_returns_assets_as_text(api: Api) -> None:
    """Mangum would encode any other content type as base64."""
    version = VersionedFiles(STATIC).version
    for file in FILES:
        content_type = api.http.get(f"/page/{version}/{file.name}").headers["content-type"]
        assert content_type.startswith(tuple(TEXT_TYPES)), file
