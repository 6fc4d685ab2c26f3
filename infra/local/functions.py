"""The functions of the template, and their handlers."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class EventSourceMapping:
    """The event source of a function in the template. Times are in seconds."""

    queue_arn: str
    batch_size: int
    batching_window: float
    reports_failures: bool

    @property
    def queue_name(self) -> str:
        """The name of the queue."""
        return self.queue_arn.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the template. The timeout is in seconds."""

    name: str
    handler: str
    timeout: float
    environment: dict[str, str]
    event_sources: tuple[EventSourceMapping, ...]


def load_handler(function: Function) -> Any:
    """Return the handler of a function, bootstrapped in the function's environment.

    The handler's module bootstraps when it is imported, so it is imported again for each function.
    """
    module_name, _, name = function.handler.rpartition(".")
    sys.modules.pop(module_name, None)
    with environment(function.environment):
        return getattr(importlib.import_module(module_name), name)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Add variables to this process's environment, and restore it afterwards."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
