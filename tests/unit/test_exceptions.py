"""Every exception survives a copy and a pickle, so that a pool of processes can raise it again."""

from __future__ import annotations

import builtins
import copy
import importlib
import inspect
import pickle
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from barback import Failure, Result, Status, Task

from pipelines.errors import FieldError
from tasks.task import ErrorType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = {  # folders with code, and the folder in which their modules are found
    ROOT / "clients/python/src/barback": ROOT / "clients/python/src",
    ROOT / "functions": ROOT,
    ROOT / "infra": ROOT,
    ROOT / "layers/model/python/pipelines": ROOT / "layers/model/python",
    ROOT / "layers/model/python/suggester": ROOT / "layers/model/python",
    ROOT / "layers/model/training": ROOT / "layers/model",
    ROOT / "layers/tasks/python/tasks": ROOT / "layers/tasks/python",
}
CLASS: Final = re.compile(r"^ *class (\w+)(?:\[.*\])?\(([^()]*)\):", re.MULTILINE)
FAILURE: Final = Failure("worker-lost", "Every worker was lost.", retryable=True)
ARGUMENTS: Final[dict[str, Any]] = {  # by the annotation of the parameter
    "ErrorType": ErrorType.WORKER_LOST,
    "Exception": OSError(28, "No space left on device"),
    "Mapping[str, Any]": {"type": "urn:x", "detail": "Too large.", "index": 3},
    "Path": Path("folder"),
    "Result": Result("task-1", Status.FAIL, error=FAILURE),
    "Sequence[FieldError]": [FieldError("top_k", "must be a whole number")],
    "Sequence[str]": ["gin", "rum"],
    "Task": Task("task-1", Status.PROCESSING),
    "bool": True,
    "float | None": 2.5,
    "int": 413,
    "str": "text",
}


def classes() -> Iterator[tuple[str, str, set[str]]]:
    """Yield the module, the name and the names of the base classes of every derived class."""
    for folder, top in SOURCES.items():
        for path in folder.rglob("*.py"):
            module = ".".join(path.relative_to(top).with_suffix("").parts)
            for name, bases in CLASS.findall(path.read_text(encoding="utf-8")):
                yield module, name, set(re.findall(r"\w+", bases))


@cache
def exceptions() -> list[type[Exception]]:
    """Return every exception class of the project."""
    found = list(classes())
    names = {name for name, value in vars(builtins).items() if is_exception(value)}
    before = 0
    while len(names) > before:
        before = len(names)
        names |= {name for _, name, bases in found if bases & names}
    return [
        getattr(importlib.import_module(module), name)
        for module, name, bases in found
        if bases & names
    ]


def is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def example(cls: type[Exception]) -> Exception:
    """Return an exception with a value in every field."""
    if cls.__init__ == Exception.__init__:
        return cls("A sentence.")
    parameters = inspect.signature(cls).parameters.values()
    named = [found for found in parameters if found.kind is not inspect.Parameter.VAR_KEYWORD]
    values = {found.name: ARGUMENTS[found.annotation] for found in named}
    keywords = {found.name for found in named if found.kind is inspect.Parameter.KEYWORD_ONLY}
    extra = {} if len(named) == len(parameters) else {"index": 3}
    return cls(
        *(value for name, value in values.items() if name not in keywords),
        **{name: values[name] for name in keywords},
        **extra,
    )


@pytest.mark.parametrize("cls", exceptions(), ids=lambda cls: cls.__name__)
@pytest.mark.parametrize(
    "twin_of",
    [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))],
    ids=["copy", "deep copy", "pickle"],
)
def test_an_exception_survives_with_all_its_fields(
    cls: type[Exception], twin_of: Callable[[Exception], Exception]
) -> None:
    """Fields that were set after its creation, too."""
    error = example(cls)
    error.tasks = (Task("task-1", Status.PROCESSING),)  # type: ignore[attr-defined]
    error.add_note("A note.")
    twin = twin_of(error)
    assert type(twin) is cls
    assert str(twin) == str(error) != ""
    assert repr(twin.args) == repr(error.args)
    assert repr(vars(twin)) == repr(vars(error))


@pytest.mark.parametrize("cls", exceptions(), ids=lambda cls: cls.__name__)
def test_the_arguments_of_an_exception_are_those_it_was_created_with(cls: type[Exception]) -> None:
    """A log or a traceback shows them."""
    given = [repr(value) for value in (*ARGUMENTS.values(), "A sentence.")]
    assert [value for value in map(repr, example(cls).args) if value not in given] == []


def test_the_exceptions_are_found() -> None:
    names = {cls.__name__ for cls in exceptions()}
    assert {"ApiError", "KeyReused", "InputInvalid", "FolderInUse", "DataInvalid"} <= names
