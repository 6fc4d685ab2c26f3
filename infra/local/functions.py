"""Imports the functions of the template as Lambda does: each in its own environment."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.definitions import Function


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
