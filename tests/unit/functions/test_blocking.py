from __future__ import annotations

import asyncio
import operator
import threading

import pytest

from functions.api.blocking import Runner, run_in_thread, run_inline, runner_for


@pytest.mark.parametrize(
    ("environ", "is_inline"), [({}, False), ({"AWS_LAMBDA_FUNCTION_NAME": "api"}, True)]
)
def test_only_lambda_makes_blocking_calls_without_a_thread(
    environ: dict[str, str],
    is_inline: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A server with many requests at once must not stop for the call of one."""

    async def thread_of_call() -> int:
        return await runner_for(environ)(threading.get_ident)

    assert (asyncio.run(thread_of_call()) == threading.get_ident()) is is_inline


@pytest.mark.parametrize("run", [run_in_thread, run_inline])
def test_a_runner_passes_arguments_and_errors_on(run: Runner) -> None:
    async def divide(number: int) -> int:
        return await run(operator.floordiv, 7, number)

    assert asyncio.run(divide(2)) == 3
    with pytest.raises(ZeroDivisionError):
        asyncio.run(divide(0))
