"""The stack on one machine: files, owners, its folder and a full disk."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from infra.local.stack import StackSettings, running_stack
from infra.local.storage.errors import FolderInUse

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
WITHIN = 60.0  # seconds
BULK = [{"ingredients": ["milk"], "priority": "bulk"}] * 100
WAIT = {"Prefer": "wait=20"}


def wait_for(condition: Callable[[], Any]) -> Any:
    """Poll until a condition holds."""
    until = time.monotonic() + WITHIN
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a stack in a process of its own; return it and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local", "run", "--port", "0", "--data-dir", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    url = next(line.split()[-1] for line in process.stdout if "is ready" in line)
    return process, url


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def limit_files(stack: int, size: int) -> None:
    """Let no file of a running stack grow beyond this size, as on a full disk."""
    for pid in (stack, *children_of(stack)):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def statuses(http: httpx2.Client, tasks: list[dict[str, Any]]) -> set[str]:
    return {http.get(f"/api/status/{task['task_id']}").json()["status"] for task in tasks}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit another process")
def test_a_full_disk_refuses_requests_until_there_is_space_again(tmp_path: Path) -> None:
    """Each refusal is a 503 and a line in the log, and no accepted task is lost."""
    process, url = start(tmp_path)
    document = b"milk\n" * 10_000
    with httpx2.Client(base_url=url, timeout=30) as http:
        [before] = http.post("/api/process", json=BULK[0]).json()
        wait_for(lambda: statuses(http, [before]) == {"SUCCESS"})
        announced = {"bytes": len(document), "format": "text"}
        link = http.post("/api/documents", json=announced).json()["upload"]["url"]
        limit_files(process.pid, 1)
        lines = {"lines": ["milk"] * 1000}
        for refused in (
            http.post("/api/process", json=BULK),
            http.post("/api/process", json=lines),
            http.put(link, content=document),
        ):
            assert refused.status_code == 503
            assert refused.headers["Retry-After"] == "1"
        limit_files(process.pid, resource.RLIM_INFINITY)
        tasks = http.post("/api/process", json=BULK).raise_for_status().json()
        tasks += http.post("/api/process", json=lines).raise_for_status().json()
        assert http.put(link, content=document).status_code == 200
        wait_for(lambda: statuses(http, [before, *tasks]) == {"SUCCESS"})
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=WITHIN)
    assert process.returncode == 0
    assert "A request was refused" in printed
    assert "A file was refused" in printed
    assert "Traceback" not in printed


def test_a_document_is_uploaded_and_answered(tmp_path: Path) -> None:
    """Its links are signed, and a changed link is refused."""
    content = b"milk;strawberry\nwater\n"
    with (
        running_stack(StackSettings(data=tmp_path)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        made = http.post("/api/documents", json={"bytes": len(content), "format": "text"}).json()
        link = made["upload"]["url"]
        assert http.put(link + "0", content=content).status_code == 403
        assert http.put(link, content=content + b"x").status_code == 403
        assert http.put(link, content=content).status_code == 200
        body = {"document": made["document"]}
        [result] = http.post("/api/process", json=body, headers=WAIT).json()
        assert (result["document"]["lines"], result["document"]["answered"]) == (2, 2)
        answers = http.get(result["document"]["url"]).text
        assert len(answers.splitlines()) == 2


def test_the_lines_of_a_request_are_answered(tmp_path: Path) -> None:
    """Each kind of line, in one request."""
    lines = ["milk;strawberry", ["water"], {"ingredients": ["milk"], "kind": "complete"}, 7]
    with (
        running_stack(StackSettings(data=tmp_path)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        [result] = http.post("/api/process", json={"lines": lines}, headers=WAIT).json()
        assert (result["document"]["answered"], result["document"]["failed"]) == (3, 1)
        answers = http.get(result["document"]["url"]).text.splitlines()
        assert [json.loads(line)["line"] for line in answers] == [1, 2, 3, 4]


def test_a_file_of_another_bucket_is_answered_in_the_own_one(tmp_path: Path) -> None:
    """Each folder below `buckets` stands for a bucket; a missing file fails its task."""
    places = {"DocumentBuckets": "orders/in"}
    folder = tmp_path / "buckets/orders/in"
    folder.mkdir(parents=True)
    (folder / "Напитки #1.txt").write_bytes(b"milk;strawberry\nwater\n")
    with (
        running_stack(StackSettings(data=tmp_path, parameters=places)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):

        def answer(key: str) -> Any:
            body = {"document": f"s3://orders/{key}"}
            return http.post("/api/process", json=body, headers=WAIT).json()

        [result] = answer("in/Напитки #1.txt")
        assert (result["document"]["lines"], result["document"]["answered"]) == (2, 2)
        assert len(http.get(result["document"]["url"]).text.splitlines()) == 2
        [missing] = answer("in/nothing.txt")
        assert missing["error"]["type"] == "document-missing"
        assert answer("in/../in/x.txt")["type"] == "urn:barback:problem:invalid"
        assert answer("drinks.txt")["type"] == "urn:barback:problem:document-not-found"
    assert [path.name for path in folder.iterdir()] == ["Напитки #1.txt"]


def test_a_document_with_a_digest_accepts_only_its_content(tmp_path: Path) -> None:
    """An upload of another content leaves the file as it is."""
    digest = hashlib.sha256(b"milk\n").hexdigest()
    with (
        running_stack(StackSettings(data=tmp_path)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        new = {"bytes": 5, "format": "text", "sha256": digest}
        made = http.post("/api/documents", json=new).json()
        link = made["upload"]["url"]
        assert http.put(link, content=b"milk\n").status_code == 200
        refused = http.put(link, content=b"soda\n")
        assert (refused.status_code, "SHA-256" in refused.text) == (403, True)
        body = {"document": made["document"]}
        [result] = http.post("/api/process", json=body, headers=WAIT).json()
        assert result["document"]["answered"] == 1


def test_a_second_stack_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    settings = StackSettings(data=tmp_path)
    with running_stack(settings), pytest.raises(FolderInUse), running_stack(settings):
        pass


def test_an_owner_with_many_tasks_does_not_delay_another(tmp_path: Path) -> None:
    """The other owner's task is done while most of the many are still waiting."""
    drinks = [{"ingredients": ["milk"]}] * 100
    with (
        running_stack(StackSettings(data=tmp_path)) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        busy = {"x-api-key": "busy"}
        for _ in range(20):
            http.post("/api/process", json=drinks, headers=busy).raise_for_status()
        response = http.post("/api/process", json=drinks[0], headers=WAIT | {"x-api-key": "other"})
        assert response.json()[0]["status"] == "SUCCESS"
        assert http.get("/api/queue").json()["interactive"]["depth"] > 0
