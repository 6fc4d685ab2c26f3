"""How a request makes calls that block, such as those of boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from fastapi.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")


class Runner(Protocol):
    """Makes a call that blocks, and returns its result."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the function with the arguments."""


async def run_inline(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Make the call in the event loop, which can do nothing else meanwhile."""
    return function(*args, **kwargs)


async def run_in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Make the call in a thread, so that other requests can go on meanwhile."""
    return await run_in_threadpool(function, *args, **kwargs)


def runner_for(environ: Mapping[str, str]) -> Runner:
    """Return the runner for an environment.

    Lambda sends an instance one request at a time, so a thread would only cost time there.
    """
    return run_inline if "AWS_LAMBDA_FUNCTION_NAME" in environ else run_in_thread
