"""An instance of a function that is invoked with events, and replaced when it dies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.simulation.scheduler import ProcessDied
from infra.simulation.stack import Built

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.definitions import Function
    from infra.simulation.stack import Stack


@dataclass(slots=True)
class BuiltHandler(Built):
    """A function behind an event source: takes an event and returns the messages to keep."""

    handle: Any = None


class FunctionFailed(Exception):
    """The function raised an exception, or its instance died."""


class Invoker:
    """Invokes a function in one instance at a time.

    Args:
        stack: the stack.
        function: the function.
        build: builds a new instance of it.
    """

    def __init__(
        self, stack: Stack, function: Function, build: Callable[[Stack, Function], BuiltHandler]
    ) -> None:
        self._stack = stack
        self._function = function
        self._build = build
        self._built: BuiltHandler | None = None

    @property
    def timeout(self) -> float:
        """The timeout of the function in seconds."""
        return self._function.timeout

    def _instance(self) -> BuiltHandler:
        """Return the instance, or a new one if it died or runs an older deployment."""
        stack = self._stack
        if self._built is not None and self._built.instance.model != stack.nemesis.model:
            stack.instances.pop(self._built.instance.name, None)
            self._built = None
        if self._built is None:
            self._built = self._build(stack, self._function)
            stack.instances[self._built.instance.name] = self._built
        return self._built

    def invoke(self, event: Any, remaining: Callable[[], float], **facts: Any) -> list[str]:
        """Return the ids of the messages to keep; the facts are noted in the span.

        Raises:
            FunctionFailed: it raised an exception, or its instance died.
        """
        built = self._instance()
        try:
            kept: list[str] = self._stack.run(
                built,
                self._function.name,
                lambda: built.handle(event, remaining),
                self._function.timeout,
                model=built.instance.model,
                **facts,
            )
        except ProcessDied:
            self._stack.instances.pop(built.instance.name, None)
            self._built = None
            raise FunctionFailed from None
        except Exception as error:
            raise FunctionFailed from error
        return kept
