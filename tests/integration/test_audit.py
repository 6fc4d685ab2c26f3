"""Tests of the audit of pinned packages, with an advisory service in this process."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from infra.ci import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADVISORY = {
    "id": "PYSEC-0000-1",
    "schema_version": "1.4.0",
    "summary": "A vulnerability invented for a test.",
    "aliases": [],
    "affected": [
        {
            "package": {"name": "aws-lambda-powertools", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@contextmanager
def advisory_service(package: str, status: int = 200) -> Iterator[tuple[str, set[str]]]:
    """Serve an advisory about one package; yields the URL and the names that were queried."""
    queried: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            queried.add(name)
            body = json.dumps({"vulns": [ADVISORY]} if name == package else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", queried
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_known_vulnerability_fails_the_check(capfd: pytest.CaptureFixture[str]) -> None:
    """The output has the advisory and the version that fixes it."""
    with advisory_service("aws-lambda-powertools") as (url, _):
        assert audit.audit(["aws-lambda-powertools==3.0.0", "boto3==1.40.0"], url) == 1
    output = capfd.readouterr().out
    assert "PYSEC-0000-1" in output
    assert "99.0" in output


def test_both_versions_of_a_package_are_audited(tmp_path: Path) -> None:
    """Requirement files may pin different versions; each distinct pin is audited once."""
    for name, text in {
        "a.txt": "x==1 \\\n  --hash=h\ny[z]==3 ; os_name == 'nt'",
        "b.txt": "x==2\nx==1",
    }.items():
        (tmp_path / name).write_text(text)
    assert audit.pin_sets(sorted(tmp_path.iterdir())) == [["x==1", "y==3"], ["x==2"]]


def test_every_pinned_package_is_audited(monkeypatch: pytest.MonkeyPatch) -> None:
    """This includes packages for tests and for builds. Without an advisory, the audit passes."""
    with advisory_service("none") as (url, queried):
        monkeypatch.setenv("OSV_URL", url)
        assert audit.main() == 0
    assert {"mangum", "boto3", "ai-edge-litert", "tensorflow", "pytest", "checkov", "uv"} <= queried


@pytest.mark.parametrize("status", [404, 503])
def test_the_audit_passes_with_a_message_if_the_service_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    """The service answers with an error first, and then there is no service at all."""
    with advisory_service("none", status) as (url, _):
        monkeypatch.setenv("OSV_URL", url)
        assert audit.main() == 0
    assert "Nothing was audited" in capfd.readouterr().err
    assert audit.main() == 0
    assert "Nothing was audited" in capfd.readouterr().err
