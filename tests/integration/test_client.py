"""The Python client and its command line against the whole local stack."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import barback
import pytest
from barback import (
    ApiError,
    AsyncBarback,
    Barback,
    Drink,
    Input,
    Status,
    WebhookVerificationError,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_WITHIN = 60.0  # seconds
DONE_WITHIN = 30.0  # seconds
ROOT = Path(__file__).parents[2]
SOURCE = Path(barback.__file__).parents[1]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the stack in a separate process and return its URL."""
    data = str(tmp_path_factory.mktemp("data"))
    arguments = ["-m", "infra.local", "run", "--port", "0", "--data-dir", data]
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(READY_WITHIN, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            ready = re.search(r"ready: (http://127\.0\.0\.1:\d+)/", process.stdout.readline())
            watchdog.cancel()
            assert ready, "The stack did not start."
            yield ready.group(1)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=DONE_WITHIN)
        finally:
            watchdog.cancel()
            process.kill()


def settings(url: str) -> dict[str, str]:
    """Return the environment of the command line."""
    return {**os.environ, "PYTHONPATH": str(SOURCE), "BARBACK_URL": url, "COLUMNS": "200"}


def command(
    url: str, *arguments: str, stdin: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a separate process."""
    return subprocess.run(
        [sys.executable, "-m", "barback", *arguments],
        env=settings(url),
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=2 * DONE_WITHIN,
        check=False,
    )


def test_the_synchronous_client_can_use_every_call(url: str) -> None:
    with Barback(url, "key") as bar:
        suggested = bar.suggest(["milk", "strawberry"], exclude=["sugar"], top_k=3)
        assert suggested.status is Status.SUCCESS
        assert len(suggested.suggestions) == 3
        assert suggested.result == suggested.suggestions[0].ingredient
        assert not {"milk", "strawberry", "sugar"} & {s.ingredient for s in suggested.suggestions}
        assert len(bar.complete(["milk"], length=4).names) == 3
        drinks = [Drink(["milk"]), Drink([], only=["water"])]
        tasks, again = (bar.submit(drinks, idempotency_key="two") for _ in range(2))
        assert [task.task_id for task in again] == [task.task_id for task in tasks]
        _, water = bar.results(tasks, wait=DONE_WITHIN)
        assert water.result == "water"
        assert bar.status(water).is_final
        with pytest.raises(ApiError) as refused:
            bar.cancel(water)
        assert (refused.value.status, refused.value.type) == (
            409,
            "urn:barback:problem:already-finished",
        )
        assert "strawberry" in [found.name for found in bar.ingredients("straw")]
        assert {"interactive", "bulk"} <= set(bar.queue())


def test_the_tasks_of_an_array_are_a_batch(url: str) -> None:
    with Barback(url, "batches") as bar:
        tasks = bar.submit([Drink(["milk"]), Drink(["tea"])])
        assert tasks[0].batch_id is not None
        batch = bar.batch(tasks[0].batch_id, wait=DONE_WITHIN)
        assert batch.is_final
        assert [result.task_id for result in batch.results] == [task.task_id for task in tasks]
        assert all(result.names for result in batch.results)
        assert bar.cancel_batch(batch.batch_id).cancelled == ()


def test_a_cancelled_task_is_retried_once(url: str) -> None:
    with Barback(url, "retries") as bar:
        metadata = {"order": "17"}
        [task] = bar.submit(Drink(["milk"], priority="bulk", metadata=metadata))
        bar.cancel(task)
        new, again = bar.retry(task), bar.retry(task)
        assert new.task_id == again.task_id != task.task_id
        assert bar.result(new, wait=DONE_WITHIN).metadata == metadata


def test_a_delivery_is_verified(url: str) -> None:
    """The stack on this machine delivers to a server on it."""
    received: queue.SimpleQueue[tuple[bytes, dict[str, str]]] = queue.SimpleQueue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((body, dict(self.headers.items())))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server, Barback(url, "hooks") as bar:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        webhook = f"http://127.0.0.1:{server.server_port}/hook"
        [task] = bar.submit(Drink(["milk"]), webhook=webhook)
        body, headers = received.get(timeout=DONE_WITHIN)
        assert verify(body, headers, bar.webhook_secrets())["task_id"] == task.task_id
        with pytest.raises(WebhookVerificationError):
            verify(body + b" ", headers, bar.webhook_secrets())
        assert len(bar.rotate_webhook_secret()) == 2
        bar.redeliver(task)
        body, headers = received.get(timeout=DONE_WITHIN)
        newest, previous = bar.webhook_secrets()
        assert verify(body, headers, newest) == verify(body, headers, previous)
        assert bar.deliveries(task).webhook == webhook
        server.shutdown()


def test_several_kinds_are_answered_in_one_task(url: str) -> None:
    """The parts are the answers that each kind has alone, also in a document."""
    both = ["next", "complete"]
    with Barback(url, "key") as bar:
        alone = [bar.run(kind, ingredients=["milk"]) for kind in both]
        result = bar.run(both, ingredients=["milk"], exclude=["group:nuts"], top_k=1)
        [line] = bar.answer([Input(both, {"ingredients": ["milk"]})])
        with pytest.raises(ApiError, match="length: belongs to complete, not to next"):
            bar.run("next", ingredients=["milk"], length=4)
    assert [found.kind for found in alone] == both
    assert (result.kind, result.result, len(result.parts["next"].suggestions)) == (
        tuple(both),
        "",
        1,
    )
    assert [line.parts[kind].result for kind in both] == [found.result for found in alone]


def test_run_prints_the_answers_to_several_kinds(url: str) -> None:
    arguments = ("--ingredients", "milk", "--exclude", "group:nuts", "--length", "4")
    done = command(url, "run", "next,complete", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert len(found["next"]["suggestions"]) == 5
    assert len(found["complete"]["result"].split(";")) == 3


def test_each_line_of_a_document_has_a_result_or_an_error(url: str) -> None:
    """The results are in the order of the lines."""
    with Barback(url, "key", language="ru") as bar:
        document = '["молоко"]\n{"ingredients": ["xyzzy"]}\n'.encode()
        task = bar.submit_document(document, defaults=Drink(only=["сахар"]))
        first, second = bar.lines(bar.result(task, wait=DONE_WITHIN))
        assert (first.line, first.result, first.error) == (1, "сахар", None)
        assert second.error is not None
        assert (second.line, second.error.type) == (2, "unknown-ingredient")


def test_a_document_with_an_idempotency_key_becomes_one_task(url: str) -> None:
    """Another content with the same key is refused. A file and its bytes are the same content."""
    with Barback(url, "key") as bar:
        first, again = (
            bar.submit_document(b'["milk"]\n', idempotency_key="document") for _ in range(2)
        )
        assert again.task_id == first.task_id
        assert bar.lines(bar.result(first, wait=DONE_WITHIN))[0].error is None
        last = bar.submit_document(b'["milk"]\n', idempotency_key="document")
        assert (last.task_id, last.status) == (first.task_id, Status.SUCCESS)
        with pytest.raises(ApiError) as refused:
            bar.submit_document(b'["soda"]\n', idempotency_key="document")
    assert refused.value.type == "urn:barback:problem:key-reused"


def test_the_asynchronous_client_submits_a_hundred_drinks(url: str) -> None:
    """They need two requests. The names in the results are in the client's language."""

    async def program() -> None:
        async with AsyncBarback(url, language="ru") as bar:
            assert (await bar.suggest(["молоко"], only=["сахар"])).result == "сахар"
            tasks = await bar.submit([Drink(["milk"])] * 100)
            results = await bar.results(tasks, wait=DONE_WITHIN)
            assert [result.task_id for result in results] == [task.task_id for task in tasks]
            assert {result.status for result in results} == {Status.SUCCESS}

    asyncio.run(program())


def test_a_task_of_another_api_key_is_not_found(url: str) -> None:
    """A task belongs to the key that it was submitted with."""
    with Barback(url, "one") as mine, Barback(url, "another") as others:
        [task] = mine.submit(Drink(["milk"]))
        with pytest.raises(ApiError) as refused:
            others.result(task)
    assert refused.value.type == "urn:barback:problem:task-not-found"


def test_submit_writes_a_row_for_each_line_of_a_file(url: str, tmp_path: Path) -> None:
    """The rows are in the order of the lines, with and without --document."""
    path = tmp_path / "drinks.csv"
    path.write_text("milk;strawberry\nblack tea;lemon\n", encoding="utf-8")
    done = command(url, "submit", str(path), "--no-document", "--wait", "--only", "sugar")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["line"], row["result"]) for row in rows] == [("1", "sugar"), ("2", "sugar")]
    as_document = command(url, "submit", str(path), "--document", "--wait", "--only", "sugar")
    again = list(csv.DictReader(io.StringIO(as_document.stdout)))
    assert [(row["line"], row["result"]) for row in again] == [("1", "sugar"), ("2", "sugar")]
    shown = command(url, "result", rows[0]["task_id"], "--json")
    assert json.loads(shown.stdout)["result"] == "sugar"


@pytest.mark.parametrize("options", [["--no-document"], []], ids=["tasks", "document"])
@pytest.mark.parametrize("invisible", ["", "\u200b"], ids=["plain", "invisible letter"])
def test_exclusions_of_the_command_and_of_a_line_add_up(
    url: str, options: list[str], invisible: str
) -> None:
    """The best two names are excluded in different places, so the third is suggested."""
    excluded = [f"vanilla ice {invisible}cream"]
    line = json.dumps({"ingredients": ["milk", "strawberry"], "exclude": excluded})
    exclude = ("--exclude", f"su{invisible}gar")
    done = command(url, "submit", "-", "--wait", *exclude, *options, stdin=line)
    assert done.returncode == 0, done.stderr
    [row] = csv.DictReader(io.StringIO(done.stdout))
    assert row["result"] == "honey"


def test_exclusions_of_a_document_and_of_its_lines_add_up(url: str) -> None:
    """The client sends the file unchanged, and the service combines the exclusions."""
    document = b'{"ingredients": ["milk", "strawberry"], "exclude": ["vanilla ice cream"]}\n'
    with Barback(url) as bar:
        task = bar.submit_document(document, defaults=Drink(exclude=["sugar"], top_k=20))
        [line_result] = bar.lines(bar.result(task, wait=DONE_WITHIN))
    names = {suggestion.ingredient for suggestion in line_result.suggestions}
    assert line_result.result == "honey"
    assert not names & {"sugar", "vanilla ice cream"}


def test_submit_names_the_line_that_the_service_refuses(url: str) -> None:
    """The other lines get ids."""
    done = command(url, "submit", "-", stdin="milk\n\nmilk;strawbery\n")
    assert (done.returncode, len(done.stdout.split())) == (1, 1)
    assert "-, line 3: 'strawbery'" in done.stderr
    assert "strawberry" in done.stderr


def drinks_file(folder: Path, bad_line: str) -> list[tuple[int, str]]:
    """Write thirty lines, one of them bad, and return the expected result of each line."""
    lines = ["milk;strawberry"] * 30
    lines[11] = bad_line
    (folder / "drinks.csv").write_text("\n".join(lines), encoding="utf-8")
    return [(number, "" if number == 12 else "honey") for number in range(1, 31)]


def results_of(stdout: str) -> list[tuple[int, str]]:
    """Return the number and the result of each row."""
    return [(int(row["line"]), row["result"]) for row in csv.DictReader(io.StringIO(stdout))]


@pytest.mark.parametrize("options", [["--no-document"], []], ids=["tasks", "document"])
@pytest.mark.parametrize(
    "bad_line", ["xyzzy", '{"ingredients": ["milk"], "excludes": ["honey"]}'], ids=["name", "field"]
)
def test_one_bad_line_of_thirty_fails_alone(
    url: str, tmp_path: Path, options: list[str], bad_line: str
) -> None:
    """All other lines honour the command's exclusions."""
    expected = drinks_file(tmp_path, bad_line)
    exclude = ("--exclude", "sugar", "--exclude", "vanilla ice cream")
    arguments = ("submit", "drinks.csv", "--wait", *exclude, *options)
    done = command(url, *arguments, folder=tmp_path)
    assert done.returncode == 1
    assert "drinks.csv, line 12: " in done.stderr
    assert results_of(done.stdout) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["drinks.csv"]


def resume_file_in(folder: Path, process: subprocess.Popen[str]) -> Path:
    """Wait until a run has a resume file, and return it."""
    while process.poll() is None:
        for path in folder.glob("*.resume"):
            return path
    raise AssertionError("The run ended first.")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("option", ["--no-document", "--document"])
def test_an_interrupted_run_is_resumed(
    url: str, tmp_path: Path, how: signal.Signals, option: str
) -> None:
    """The results are complete, and the resumed run leaves no file."""
    expected = drinks_file(tmp_path, "xyzzy")
    exclude = ("--exclude", "sugar", "--exclude", "vanilla ice cream")
    with subprocess.Popen(
        [sys.executable, "-m", "barback", "submit", "drinks.csv", "--wait", *exclude, option],
        env=settings(url),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        resume_file = resume_file_in(tmp_path, process)
        process.send_signal(how)
        process.communicate(timeout=DONE_WITHIN)
    assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    done = command(url, "resume", resume_file.name, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert results_of(done.stdout) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["drinks.csv"]


@pytest.mark.parametrize("arguments", ["ingredients", "status TASK"])
def test_a_closed_pipe_causes_no_message(url: str, arguments: str) -> None:
    """`barback ingredients | head -1` prints nothing on standard error."""
    with Barback(url) as bar:
        [task] = bar.submit(Drink(["milk"]))
    program = f'"{sys.executable}" -m barback'
    done = subprocess.run(
        ["/bin/sh", "-c", f"{program} {arguments.replace('TASK', task.task_id)} | true"],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "BARBACK_URL": url},
        capture_output=True,
        text=True,
        timeout=2 * DONE_WITHIN,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
