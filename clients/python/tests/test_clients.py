"""Both clients, as a program uses them."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

import barback
from barback import ApiError, AsyncBarback, Barback, Drink, Group, Result, Retries, Run, Status
from barback._async_client import CONCURRENCY
from barback._cli.connection import Connection
from barback._endpoint import Endpoint
from clients.python.tests.fakes import FakeService, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

NO_DELAY = Retries(random=lambda: 0.0)


def client(service: FakeService, api_key: str = "secret") -> Barback:
    return Barback("http://bar", api_key, retries=NO_DELAY, transport=service.transport)


def test_a_program_can_use_every_method() -> None:
    service = FakeService()
    with client(service) as bar:
        assert bar.suggest(["milk"], top_k=3).result == "milkmilk"
        assert bar.complete(["tea"], length=4).names == ("teatea",)
        tasks = bar.submit([Drink(["lemon"]), Drink(["hangs"])])
        seen: list[Result] = []
        lemon, hangs = bar.results(tasks, on_result=seen.append)
        assert (lemon.status, hangs.status) == (Status.SUCCESS, Status.PROCESSING)
        assert seen == [lemon, hangs]
        assert bar.result(tasks[0]) == bar.result(tasks[0].task_id) == lemon
        assert bar.status(hangs).status is Status.PROCESSING
        assert bar.cancel(hangs).status is Status.CANCELLED
        assert bar.retry(hangs).status is Status.PROCESSING
        assert bar.batch(tasks[0]).results[0] == lemon
        assert bar.cancel_batch(tasks[0]).cancelled == (hangs.task_id,)
        assert len(list(bar.tasks(limit=3))) == 3
        assert bar.queue()["bulk"].depth == 3
        assert [found.name for found in bar.ingredients("lem", limit=1)] == ["lemon"]
        assert bar.groups() == [Group("group:dairy", 40)]


def test_an_asynchronous_program_can_use_every_method() -> None:
    """Results are in the order of their tasks, although several are fetched at a time."""
    service = FakeService()

    async def program() -> None:
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
            assert (await bar.retry(hangs)).status is Status.PROCESSING
            assert (await bar.batch(tasks[0])).counts[Status.SUCCESS] == 99
            assert (await bar.cancel_batch(tasks[-1])).cancelled == ()
            assert len([task async for task in bar.tasks()]) == 154
            assert (await bar.queue())["bulk"].depth == 3
            assert len(await bar.ingredients()) == 1
            assert await bar.groups() == [Group("group:dairy", 40)]

    asyncio.run(program())


@pytest.mark.parametrize("contains", [None, (), ("dairy", "soy")])
def test_an_ingredient_without_data_differs_from_one_that_contains_nothing(
    contains: tuple[str, ...] | None,
) -> None:
    """None counts as a member of every group."""
    service = FakeService()
    service.contains = None if contains is None else list(contains)
    with client(service) as bar:
        assert [found.contains for found in bar.ingredients()] == [contains]


def test_both_clients_send_the_same_drinks() -> None:
    """Exclusions reach the service in every call."""
    plain, twin = FakeService(), FakeService()
    with client(plain) as bar:
        bar.suggest(["milk"], exclude=["nuts"], only=["ice"], top_k=3, novelty=0.5)
        bar.complete(["milk"], exclude=["nuts"], only=["ice"], length=4, novelty=0.5)
        bar.submit(Drink(["milk"], exclude=["nuts"]))

    async def program() -> None:
        async with AsyncBarback("http://bar", transport=twin.transport) as bar:
            await bar.suggest(["milk"], exclude=["nuts"], only=["ice"], top_k=3, novelty=0.5)
            await bar.complete(["milk"], exclude=["nuts"], only=["ice"], length=4, novelty=0.5)
            await bar.submit(Drink(["milk"], exclude=["nuts"]))

    asyncio.run(program())
    sent = [json.loads(request.content) for request in plain.requests]
    assert sent == [json.loads(request.content) for request in twin.requests]
    assert [drink["exclude"] for [drink] in sent] == [["nuts"]] * 3
    assert [drink.get("novelty") for [drink] in sent] == [0.5, 0.5, None]


def test_suggest_and_complete_take_the_fields_of_a_drink() -> None:
    service = FakeService()
    with client(service) as bar:
        bar.suggest(["a"], because=True, text="tea", priority="bulk", deadline_seconds=9)
        bar.complete(["a"], text="tea", metadata={"order": "17"})
    given, completed = (json.loads(request.content)[0] for request in service.requests)
    assert given["because"] is True
    assert (given["text"], given["priority"], given["deadline_seconds"]) == ("tea", "bulk", 9)
    assert (completed["text"], completed["metadata"]) == ("tea", {"order": "17"})


def test_a_field_that_no_drink_has_is_refused_before_anything_is_sent() -> None:
    """A misspelled exclusion may be an allergy."""
    service = FakeService()
    with client(service) as bar, pytest.raises(TypeError, match="exclud"):
        bar.suggest(["milk"], exclud=["nuts"])  # type: ignore[call-arg]
    assert service.requests == []


def test_the_progress_of_a_document_can_be_followed() -> None:
    service = FakeService()
    service.progress = [{"fraction": 0.5, "lines": 1, "answered": 1, "failed": 0}]
    seen: list[Result] = []
    with client(service) as bar:
        [task] = bar.submit(Run([Drink(["milk"]), Drink(["tea"])]))
        assert bar.result(task, wait=5, on_progress=seen.append).is_final
    assert [result.progress and result.progress.fraction for result in seen] == [0.5]


def test_an_error_ends_the_requests_for_other_results() -> None:
    fetched: list[str] = []

    async def handle(request: httpx2.Request) -> httpx2.Response:
        fetched.append(request.url.path)
        if len(fetched) != CONCURRENCY:
            await asyncio.Event().wait()
        return problem(404, "task-not-found")

    async def program() -> None:
        transport = httpx2.MockTransport(handle)
        async with AsyncBarback("http://bar", transport=transport) as bar:
            with pytest.raises(ApiError):
                await bar.results([f"task-{number}" for number in range(50)])

    asyncio.run(program())
    assert len(fetched) < 2 * CONCURRENCY


@pytest.mark.parametrize(
    "call",
    [
        lambda bar: bar.queue(),
        lambda bar: bar.suggest(["milk"]),
        lambda bar: bar.answer([Drink(["milk"])]),
        lambda bar: bar.submit([Drink(["milk"])]),
        lambda bar: bar.results(["task-0"]),
        lambda bar: bar.close(),
    ],
    ids=["queue", "suggest", "answer", "submit", "results", "close"],
)
def test_a_client_that_belongs_to_another_event_loop_says_so(
    call: Callable[[AsyncBarback], Coroutine[Any, Any, object]],
) -> None:
    """Its connections cannot be used there. The error says what to do."""
    service = FakeService()
    bar = AsyncBarback("http://bar", transport=service.transport)

    async def use() -> None:
        await bar.queue()

    async def use_again() -> None:
        await call(bar)

    asyncio.run(use())
    with pytest.raises(RuntimeError, match="Create one AsyncBarback in each event loop"):
        asyncio.run(use_again())
    assert len(service.requests) == 1


def test_a_client_may_be_created_before_its_event_loop() -> None:
    bar = AsyncBarback("http://bar", transport=FakeService().transport)

    async def use() -> None:
        async with bar:
            await bar.queue()
            await bar.queue()

    asyncio.run(use())


def test_both_clients_have_the_same_methods() -> None:
    """A program changes from one to the other by adding `await`, or `async` to `for`."""
    names = [name for name in vars(Barback) if not name.startswith("_")]
    assert [name for name in vars(AsyncBarback) if not name.startswith("_")] == names
    for name in names:
        plain, twin = (inspect.signature(getattr(cls, name)) for cls in (Barback, AsyncBarback))
        assert str(plain) == str(twin).replace("AsyncIterator", "Iterator"), name


@pytest.mark.parametrize("kind", [Path, str])
def test_a_document_may_be_a_file(tmp_path: Path, kind: Callable[[Path], Path | str]) -> None:
    path = kind(tmp_path / "drinks.jsonl")
    Path(path).write_text('["milk"]\n', encoding="utf-8")
    service = FakeService()
    service.refusals = [problem(413, "too-large", "Too large.") for _ in range(2)]
    with client(service) as bar, pytest.raises(ApiError, match="Too large"):
        bar.submit_document(path)

    async def program() -> None:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            with pytest.raises(ApiError, match="Too large"):
                await bar.submit_document(path, file_format="text")

    asyncio.run(program())
    announced = [json.loads(request.content) for request in service.requests]
    assert [(new["bytes"], new["format"]) for new in announced] == [(9, "jsonl"), (9, "text")]


def test_a_document_with_an_idempotency_key_becomes_one_task() -> None:
    """Another content with the same key is refused, by both clients."""
    service = FakeService()
    with client(service) as bar:
        first, again = (bar.submit_document(b'["a"]', idempotency_key="mine") for _ in range(2))
        with pytest.raises(ApiError, match="Change the request"):
            bar.submit_document(b'["b"]', idempotency_key="mine")

    async def program() -> None:
        async with AsyncBarback("http://bar", transport=service.transport) as bar:
            assert await bar.submit_document(b'["a"]', idempotency_key="mine") == first
            with pytest.raises(ApiError, match="Change the request"):
                await bar.submit_document(b'["b"]', idempotency_key="mine")

    asyncio.run(program())
    assert again == first
    assert len(service.tasks) == 1


def test_the_api_key_is_in_no_repr_and_in_no_error() -> None:
    with client(FakeService()) as bar:
        assert repr(bar) == "Barback('http://bar')"
    assert "secret" not in repr(Endpoint("http://bar", "secret", "en", 10.0))
    assert "secret" not in repr(Connection("http://bar", "en", "secret"))
    with pytest.raises(ValueError, match="The API key may have printable ASCII") as raised:
        Barback("http://bar", "secret\n")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "bar:8000", "ftp://bar", "http://", "http://bar:port"])
def test_an_invalid_url_is_refused_at_once(url: str) -> None:
    """The message has an example of a valid URL."""
    with pytest.raises(ValueError, match=r"is not a valid URL.*Use one such as http://127"):
        Barback(url)


def test_every_public_name_is_exported_and_documented() -> None:
    public = {
        name
        for name, value in vars(barback).items()
        if inspect.isclass(value) or inspect.isfunction(value)
    }
    assert public == set(barback.__all__)
    assert all(getattr(barback, name).__doc__ for name in barback.__all__)


def test_the_library_does_not_load_the_command_line() -> None:
    """A program that imports the library does not wait for typer and rich to load."""
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
