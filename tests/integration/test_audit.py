"""The audit of pinned packages, against an advisory service on this machine."""

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
    "summary": "A fault that was made up for a test.",
    "aliases": [],
    "affected": [
        {
            "package": {"name": "aws-lambda-powertools", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@contextmanager
def advisories(of: str, status: int = 200) -> Iterator[tuple[str, set[str]]]:
    """Serve an advisory on one package; yields the URL and what was asked about."""
    asked: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            asked.add(name)
            body = json.dumps({"vulns": [ADVISORY]} if name == of else {}).encode()
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
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_known_vulnerability_fails_the_check(capfd: pytest.CaptureFixture[str]) -> None:
    """It is named, with the version that mends it."""
    with advisories(of="aws-lambda-powertools") as (url, _):
        assert audit.audit(["aws-lambda-powertools==3.0.0", "boto3==1.40.0"], url) == 1
    found = capfd.readouterr().out
    assert "PYSEC-0000-1" in found
    assert "99.0" in found


def test_a_package_in_two_versions_is_audited_in_both(tmp_path: Path) -> None:
    """What tests and what is deployed may be pinned apart; each pin is asked about once."""
    for name, text in {
        "a.txt": "x==1 \\\n  --hash=h\ny[z]==3 ; os_name == 'nt'",
        "b.txt": "x==2\nx==1",
    }.items():
        (tmp_path / name).write_text(text)
    assert audit.rounds(sorted(tmp_path.iterdir())) == [["x==1", "y==3"], ["x==2"]]


def test_every_pinned_package_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deployed, what tests it and what builds it; without a finding the check passes."""
    with advisories(of="nothing") as (url, asked):
        monkeypatch.setenv("OSV_URL", url)
        assert audit.main() == 0
    assert {"mangum", "boto3", "ai-edge-litert", "tensorflow", "pytest", "checkov", "uv"} <= asked


@pytest.mark.parametrize("status", [404, 503])
def test_a_service_that_does_not_answer_is_said_and_passes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    """A machine without a network can check; that nothing was audited is not passed over."""
    with advisories(of="nothing", status=status) as (url, _):
        monkeypatch.setenv("OSV_URL", url)
        assert audit.main() == 0
    assert "Nothing was audited" in capfd.readouterr().err
    assert audit.main() == 0  # and now there is nobody on that port
    assert "Nothing was audited" in capfd.readouterr().err
