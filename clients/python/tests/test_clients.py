"""The two clients as a program uses them."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

import barback
from barback import ApiError, AsyncBarback, Barback, Drink, Result, Retries, Status
from barback._async_client import CONCURRENCY
from clients.python.tests.fakes import FakeService, problem

AT_ONCE = Retries(random=lambda: 0.0)


def client(service: FakeService, key: str = "secret") -> Barback:
    return Barback("http://bar", key, retries=AT_ONCE, transport=service.transport)


def test_a_program_s_journey() -> None:
    """Suggest, complete, submit, look, cancel."""
    service = FakeService()
    with client(service) as bar:
        assert bar.suggest(["milk"], exclude=["sugar"], top_k=3).result == "milkmilk"
        assert bar.complete(["tea"], length=4).names == ("teatea",)
        tasks = bar.submit([Drink(["lemon"]), Drink(["hangs"])])
        seen: list[Result] = []
        lemon, hangs = bar.results(tasks, on_result=seen.append)
        assert (lemon.status, hangs.status) == (Status.SUCCESS, Status.PROCESSING)
        assert seen == [lemon, hangs]
        assert bar.result(tasks[0]) == bar.result(tasks[0].task_id) == lemon
        assert bar.status(hangs).status is Status.PROCESSING
        assert bar.cancel(hangs).status is Status.CANCELLED
        assert bar.queue()["bulk"].depth == 3
        assert [found.name for found in bar.ingredients("lem", limit=1)] == ["lemon"]
    bodies = [request.content for request in service.requests if request.method == "POST"]
    assert b'"exclude":["sugar"]' in bodies[0]
    assert b'"kind":"complete"' in bodies[1]


def test_the_asynchronous_twin_does_the_same() -> None:
    """Results come in the order of their tasks, however many are asked for at a time."""
    service = FakeService()

    async def journey() -> None:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            assert (await bar.suggest(["milk"])).result == "milkmilk"
            assert (await bar.complete(["tea"])).names == ("teatea",)
            tasks = await bar.submit(Drink([str(number)]) for number in range(150))
            seen: list[Result] = []
            results = await bar.results(tasks, wait=5, on_result=seen.append)
            assert [result.result for result in results] == [str(n) * 2 for n in range(150)]
            assert len(seen) == 150
            [hangs] = await bar.submit(Drink(["hangs"]))
            assert (await bar.status(hangs)).status is Status.PROCESSING
            assert (await bar.cancel(hangs)).status is Status.CANCELLED
            assert (await bar.queue())["bulk"].depth == 3
            assert len(await bar.ingredients()) == 1

    asyncio.run(journey())


def test_one_error_ends_the_requests_for_other_results() -> None:
    """What was not asked for yet is not asked for any more."""
    asked: list[str] = []

    async def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if len(asked) != CONCURRENCY:
            await asyncio.Event().wait()
        return problem(404, "task-not-found")

    async def journey() -> None:
        transport = httpx2.MockTransport(handle)
        async with AsyncBarback("http://bar", transport=transport) as bar:
            with pytest.raises(ApiError):
                await bar.results([f"task-{number}" for number in range(50)])

    asyncio.run(journey())
    assert len(asked) < 2 * CONCURRENCY


def test_both_clients_have_the_same_methods() -> None:
    """A program moves from one to the other by adding `await`."""
    names = [name for name in vars(Barback) if not name.startswith("_")]
    assert [name for name in vars(AsyncBarback) if not name.startswith("_")] == names
    for name in names:
        plain, twin = (inspect.signature(getattr(cls, name)) for cls in (Barback, AsyncBarback))
        assert plain == twin, name


def test_a_document_may_be_a_file(tmp_path: Path) -> None:
    """Both clients read it."""
    path = tmp_path / "drinks.jsonl"
    path.write_text('["milk"]\n')
    service = FakeService()
    service.refusals = [problem(413, "too-large", "Too large.") for _ in range(2)]
    with client(service) as bar, pytest.raises(ApiError, match="Too large"):
        bar.submit_document(path)

    async def journey() -> None:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            with pytest.raises(ApiError, match="Too large"):
                await bar.submit_document(path, form="text")

    asyncio.run(journey())
    assert [request.content for request in service.requests] == [
        b'{"bytes":9,"format":"jsonl"}',
        b'{"bytes":9,"format":"text"}',
    ]


def test_the_key_is_never_shown() -> None:
    """Neither a client's text nor an error has it."""
    bar = client(FakeService())
    assert repr(bar) == "Barback('http://bar')"
    assert "secret" not in repr(vars(bar)["_service"]._exchange._endpoint)  # noqa: SLF001 - it is what holds the key
    with pytest.raises(ValueError, match="API key must be printable") as raised:
        Barback("http://bar", "secret\n")
    assert "secret" not in str(raised.value)
    bar.close()


@pytest.mark.parametrize("url", ["", "bar:8000", "ftp://bar", "http://", "http://bar:port"])
def test_what_is_no_url_is_refused_at_once(url: str) -> None:
    """The sentence shows what one looks like."""
    with pytest.raises(ValueError, match="is no URL"):
        Barback(url)


def test_the_public_names_are_documented() -> None:
    """`barback.__all__` is what there is, and all of it says what it is."""
    public = {name for name, value in vars(barback).items() if inspect.isclass(value)}
    assert public == set(barback.__all__)
    assert all(getattr(barback, name).__doc__ for name in barback.__all__)


def test_the_library_does_not_load_the_command_line() -> None:
    """A program that imports it pays for neither typer nor rich."""
    probe = "import sys, barback; print({'typer', 'rich'} & set(sys.modules))"
    source = Path(barback.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"
