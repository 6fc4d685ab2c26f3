"""Runs: many drinks in a program, several requests at a time, with a file to resume from."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from barback import (
    ApiError,
    AsyncBarback,
    Barback,
    Drink,
    Result,
    Retries,
    Run,
    RunProgress,
    Status,
    Unreachable,
)
from clients.python.tests.fakes import FakeService, problem

if TYPE_CHECKING:
    from pathlib import Path

NO_DELAY = Retries(attempts=2, random=lambda: 0.0)
HALF = {"fraction": 0.5, "lines": 2, "answered": 1, "failed": 1}


def client(service: FakeService) -> Barback:
    return Barback("http://bar", retries=NO_DELAY, transport=service.transport)


def answer(service: FakeService, run: Run, *seen: list[RunProgress]) -> list[Result]:
    with client(service) as bar:
        return bar.answer(run, wait=5, on_progress=seen[0].append if seen else None)


def submissions(service: FakeService) -> list[httpx2.Request]:
    return [request for request in service.requests if request.url.path == "/api/process"]


def drinks(*names: str) -> list[Drink]:
    return [Drink([name]) for name in names]


def lose_the_answer(request: httpx2.Request) -> None:
    if request.url.path == "/api/process":
        raise httpx2.ReadError("lost")


@pytest.mark.parametrize("count", [1, 99, 100, 300])
def test_tasks_are_submitted_in_bulk(count: int) -> None:
    """Each array has as many drinks as one request may carry."""
    service = FakeService()
    results = answer(service, Run(drinks(*map(str, range(count))), as_document=False))
    assert [result.result for result in results] == [2 * str(n) for n in range(count)]
    bodies = [json.loads(request.content) for request in submissions(service)]
    assert [len(body) for body in bodies] == [99] * (count // 99) + [count % 99] * (count % 99 > 0)
    assert {drink["priority"] for body in bodies for drink in body} == {"bulk"}


@pytest.mark.parametrize("count", [1, 301])
def test_drinks_are_a_document_by_default(count: int) -> None:
    """A document is processed as one task."""
    service = FakeService()
    results = answer(service, Run(drinks(*map(str, range(count)))))
    assert [result.result for result in results] == [2 * str(n) for n in range(count)]
    assert len(service.tasks) == 1


@pytest.mark.parametrize(
    "drink", [Drink(priority="interactive"), Drink(deadline_seconds=9), Drink(metadata={})]
)
def test_drinks_that_a_document_does_not_allow_are_tasks(drink: Drink) -> None:
    assert not Run([*drinks("a", "b"), drink]).as_document


def test_a_strict_run_has_tasks() -> None:
    """The service refuses a drink of an array at once, and a line of a document later."""
    assert not Run(drinks("a", "b"), strict=True).as_document


def test_a_run_that_ignores_unknown_names_has_tasks(tmp_path: Path) -> None:
    """A document cannot. The resume file keeps the option."""
    service = FakeService()
    path = tmp_path / "run.resume"
    Run(drinks("a", "b"), ignore_unknown=True).save_to(path)
    with client(service) as bar:
        bar.submit(Run.resume(path))
    [request] = submissions(service)
    assert (len(service.tasks), request.url.params["ignore_unknown"]) == (2, "true")


def test_a_document_that_shall_ignore_unknown_names_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot ignore unknown names"):
        Run(drinks("a"), as_document=True, ignore_unknown=True)


def test_a_resumed_document_keeps_its_deadline_and_metadata(tmp_path: Path) -> None:
    """Also if the document is uploaded."""
    service = FakeService()
    service.takes_lines = False
    path = tmp_path / "run.resume"
    own: dict[str, Any] = {"deadline_seconds": 9, "metadata": {"order": "17"}}
    Run(drinks("a", "b"), as_document=True, **own).save_to(path)
    with client(service) as bar:
        bar.submit(Run.resume(path))
    bodies = [json.loads(request.content) for request in submissions(service)]
    assert [{name: body.get(name) for name in own} for body in bodies] == [own, own]
    assert [set(body) - own.keys() for body in bodies] == [{"lines"}, {"document"}]


@pytest.mark.parametrize("own", [{"deadline_seconds": 9}, {"metadata": {"order": "17"}}])
def test_a_run_of_tasks_has_no_deadline_of_its_own(own: dict[str, Any]) -> None:
    """Nor metadata: its drinks have them."""
    with pytest.raises(ValueError, match="Give its drinks a deadline and metadata"):
        Run(drinks("a"), as_document=False, **own)


def test_several_arrays_are_in_flight() -> None:
    """The asynchronous client does not wait for one array before it submits the next."""
    service = FakeService()
    waiting: list[httpx2.Request] = []
    all_there = asyncio.Event()

    async def handle(request: httpx2.Request) -> httpx2.Response:
        waiting.append(request)
        if len(waiting) == 3:
            all_there.set()
        await all_there.wait()
        return service.handle(request)

    async def program() -> list[Result]:
        transport = httpx2.MockTransport(handle)
        async with AsyncBarback("http://bar", transport=transport) as bar:
            run = Run(drinks(*map(str, range(250))), as_document=False)
            return await asyncio.wait_for(bar.answer(run), 10)

    results = asyncio.run(program())
    assert [result.result for result in results] == [2 * str(n) for n in range(250)]


def test_a_refused_drink_fails_alone() -> None:
    """Its result has the reason, and no task."""
    run = Run(drinks("milk", "unknown", "tea"), as_document=False)
    first, refused, last = answer(FakeService(), run)
    assert (first.result, last.result) == ("milkmilk", "teatea")
    assert (refused.status, refused.task_id) == (Status.FAIL, "")
    assert refused.error is not None
    assert refused.error.detail == "'unknown' is not known."


def test_a_strict_run_ends_at_a_refused_drink() -> None:
    """`index` counts from the first drink of the run."""
    run = Run(drinks(*"a" * 100, "unknown"), strict=True)
    with pytest.raises(ApiError) as raised:
        answer(FakeService(), run)
    assert raised.value.index == 100


@pytest.mark.parametrize("index", [1, -1, 2**70])
def test_an_index_of_no_drink_ends_the_run(index: int) -> None:
    """A drink is not blamed for an error of another one."""
    service = FakeService()
    service.refusals = [problem(422, "invalid", index=index)] * 2
    with pytest.raises(ApiError, match="Change the request"):
        answer(service, Run(drinks("milk"), strict=True))


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_error_that_is_not_about_a_drink_ends_the_run(status: int) -> None:
    """A drink is not blamed for a wrong API key."""
    service = FakeService()
    service.refusals = [problem(status, "other")]
    run = Run(drinks("milk"))
    with pytest.raises(ApiError):
        answer(service, run)
    assert run.results == {}


@pytest.mark.parametrize("as_document", [True, False])
def test_a_webhook_that_is_refused_ends_the_run(*, as_document: bool) -> None:
    """No drink is blamed for it, and nothing is uploaded."""
    service = FakeService()
    errors = [{"at": "query.webhook", "detail": "must be an https:// URL"}]
    service.refusals = [problem(422, "invalid", errors=errors)]
    run = Run(drinks("milk"), as_document=as_document, webhook="ftp://bar.example")
    with pytest.raises(ApiError):
        answer(service, run)
    assert (run.results, len(service.requests)) == ({}, 1)


def test_a_key_that_was_used_for_other_drinks_ends_the_run() -> None:
    service = FakeService()
    answer(service, Run(drinks("milk"), idempotency_key="k"))
    with pytest.raises(ApiError) as caught:
        answer(service, Run(drinks("tea"), idempotency_key="k"))
    assert caught.value.type.endswith(":key-reused")


def test_retry_after_is_respected() -> None:
    """A longer delay than the client's maximum ends the run at once; the run can continue."""
    service = FakeService()
    service.refusals = [problem(429, "slow-down", headers={"Retry-After": "1000"})]
    run = Run(drinks("milk"))
    with pytest.raises(ApiError):
        answer(service, run)
    assert len(service.requests) == 1
    assert answer(service, run)[0].result == "milkmilk"


@pytest.mark.parametrize("as_document", [False, True])
def test_a_batch_whose_answer_was_lost_is_not_submitted_twice(
    tmp_path: Path, *, as_document: bool
) -> None:
    """The resumed run repeats the request with the same key and the same content."""
    service = FakeService()
    run = Run(drinks("milk", "tea"), as_document=as_document)
    run.save_to(tmp_path / "run.resume")
    service.on_response = lose_the_answer
    with pytest.raises(Unreachable):
        answer(service, run)
    assert run.unanswered == {0}
    assert len(service.tasks) == 1 + (not as_document)
    service.on_response = lambda _: None
    results = answer(service, Run.resume(tmp_path / "run.resume"))
    assert [result.result for result in results] == ["milkmilk", "teatea"]
    assert len(service.tasks) == 1 + (not as_document)
    first, *others = submissions(service)
    for other in others:
        assert other.content == first.content
        assert other.headers["Idempotency-Key"] == first.headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("as_document", "takes_lines"), [(False, True), (True, True), (True, False)]
)
def test_a_run_can_be_resumed_after_any_number_of_bytes(
    tmp_path: Path, *, as_document: bool, takes_lines: bool
) -> None:
    """As after `kill -9` or a full disk. No drink is submitted twice, and none is lost."""
    service = FakeService()
    service.takes_lines = takes_lines
    names = ["milk", *(["unknown"] if not as_document else []), "tea", "fails"]
    path = tmp_path / "run.resume"
    run = Run(drinks(*names), as_document=as_document)
    run.save_to(path, {"anything": 1})
    header = len(path.read_bytes())
    expected = answer(service, run)
    content, tasks = path.read_bytes(), len(service.tasks)
    # A document is submitted only after its upload is recorded.
    start = header if takes_lines else content.index(b"\n", header) + 1
    ends = [end for end, byte in enumerate(content) if byte == ord("\n")]
    for size in range(start, len(content) + 1):
        if size % 8 and min(abs(size - end) for end in ends) > 1:  # every 8th within a line
            continue
        path.write_bytes(content[:size])
        resumed = Run.resume(path)
        assert resumed.about == {"anything": 1}
        assert answer(service, resumed) == expected
        assert answer(service, Run.resume(path)) == expected
    assert (len(service.tasks), len(service.keys)) == (tasks, 1)


def test_results_that_are_known_are_not_fetched_again(tmp_path: Path) -> None:
    """They survive the loss of the server's data."""
    service = FakeService()
    run = Run(drinks("milk", "tea"), as_document=False)
    run.save_to(tmp_path / "run.resume")
    expected = answer(service, run)
    service.requests.clear()
    assert answer(service, Run.resume(tmp_path / "run.resume")) == expected
    assert service.requests == []


def test_the_resume_file_keeps_every_field_of_a_drink(tmp_path: Path) -> None:
    """An exclusion may be an allergy."""
    drink = Drink(["milk"], "next", 3, None, ["nuts"], ["ice", "tea"], "interactive", 60)
    Run([drink]).save_to(tmp_path / "run.resume")
    assert Run.resume(tmp_path / "run.resume").drinks == (drink,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"milk;tea\n",
        b"{}",
        b'{"format": "barback-resume", "version": 1}\n',
        b"[" * 100_000 + b"\n",
    ],
    ids=["empty", "text", "object", "header", "nested"],
)
def test_another_file_is_not_resumed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "drinks.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"drinks\.csv is not a resume file"):
        Run.resume(path)
    assert path.read_bytes() == content


def test_a_newer_resume_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.resume"
    path.write_text('{"format": "barback-resume", "version": 2}')
    with pytest.raises(ValueError, match="Another version of barback wrote"):
        Run.resume(path)


def test_a_resume_file_replaces_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "run.resume"
    path.write_text("other")
    with pytest.raises(FileExistsError):
        Run(drinks("milk")).save_to(path)
    assert [found.read_text() for found in tmp_path.iterdir()] == ["other"]


def test_a_resume_file_is_private(tmp_path: Path) -> None:
    """It has the drinks of the file. It has no API key."""
    run = Run(drinks("milk"))
    run.save_to(tmp_path / "run.resume")
    assert (tmp_path / "run.resume").stat().st_mode & 0o777 == 0o600
    run.finish()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("wait", "prefer"), [(0.4, None), (1.0, "wait=1"), (30, "wait=2")])
def test_a_submission_waits_no_longer_than_the_caller(wait: float, prefer: str | None) -> None:
    service = FakeService()
    with client(service) as bar:
        bar.answer(Run(drinks("milk"), as_document=False), wait=wait)
    assert submissions(service)[0].headers.get("Prefer") == prefer


def test_progress_counts_from_the_start() -> None:
    """A refused drink counts as done and failed."""
    seen: list[RunProgress] = []
    answer(FakeService(), Run(drinks("milk", "unknown", "tea"), as_document=False), seen)
    assert seen[0] == RunProgress(done=0, failed=0, total=3, measured=True)
    assert seen[-1] == RunProgress(done=3, failed=1, total=3, measured=True)


def test_a_document_has_the_progress_that_the_service_reports() -> None:
    """Without a report there is no count."""
    service = FakeService()
    service.progress = [HALF]
    seen: list[RunProgress] = []
    answer(service, Run(drinks("milk", "tea", "ice"), as_document=True), seen)
    assert seen[0] == RunProgress(done=0, failed=0, total=3, measured=False)
    assert RunProgress(done=2, failed=1, total=3, measured=True) in seen
    assert seen[-1] == RunProgress(done=3, failed=0, total=3, measured=True)


def test_a_run_can_be_submitted_without_waiting() -> None:
    """A drink that is refused has no task."""
    service = FakeService()
    with client(service) as bar:
        tasks = bar.submit(Run(drinks("milk", "unknown", "tea"), as_document=False))
    assert [task.task_id for task in tasks] == ["task-0", "task-1"]


def test_both_clients_answer_the_same_run() -> None:
    service = FakeService()
    run = Run(drinks("milk", "tea"), as_document=False)

    async def program() -> Any:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            await bar.submit(run)
            return await bar.answer(run)

    assert asyncio.run(program()) == answer(service, run)
    assert len(service.tasks) == 2
