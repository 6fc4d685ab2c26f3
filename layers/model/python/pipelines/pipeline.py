"""A pipeline: what one kind of question consists of."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import UNREADABLE, FieldError, InputInvalid, PipelineInvalid
from pipelines.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # Answers a batch of inputs in their order.
    Run = Callable[[Sequence[Any]], Sequence[Any]]
    JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What a kind of question consists of.

    Attributes:
        kind: the name by which callers ask for it.
        summary: one sentence for the description of the API.
        input: a dataclass; its fields are the fields of the request, with their constraints.
        output: a dataclass; its fields are the fields of the answer.
        load: `module:function`. Only the worker imports the module. It calls the function once,
            with its `Suggester`, and gets the function that answers batches.
        example: the fields of a request that succeeds.
        memory: MB that the pipeline adds to the worker.
        seconds: of CPU for an input, on one core.
        batched: whether an input costs less in a batch; otherwise the inputs are answered singly.
    """

    kind: str
    summary: str
    input: type
    output: type
    load: str
    example: Mapping[str, Any]
    memory: int
    seconds: float
    batched: bool = True

    def read(self, members: JsonObject, names: Any) -> Any:
        """Return the input of the members of a request, whose form is known to be right.

        `names` turns names of ingredients into ids, for pipelines that need them.
        """
        del names
        return form_of(self.input).read(members)

    def encode_input(self, found: Any) -> JsonObject:
        """Return an input as it is stored, without default values."""
        defaults = form_of(self.input).defaults
        members = dataclasses.asdict(found).items()
        return {name: value for name, value in members if value != defaults.get(name, ...)}

    def decode_input(self, members: JsonObject) -> Any:
        """Read an input from the output of `encode_input`.

        Raises:
            InputInvalid: another version of the pipeline wrote it, and this one cannot read it.
        """
        form = form_of(self.input)
        errors = form.missing(members)
        for name, value in members.items():
            is_known = name in form.names
            errors += form.check(name, value) if is_known else [FieldError("input", UNREADABLE)]
        if errors:
            raise InputInvalid(errors)
        return form.read(members)

    def encode_output(self, found: Any) -> JsonObject:
        """Return an output as it is stored."""
        return dataclasses.asdict(found)

    def present(self, answer: JsonObject, naming: Any) -> JsonObject:
        """Return a stored output as the caller gets it; `naming` replaces ids of ingredients."""
        del naming
        return answer

    def start(self, context: Any) -> Run:
        """Import the code of the pipeline and return the function that answers batches.

        Raises:
            PipelineInvalid: the code cannot be imported, or has no such function.
        """
        module, _, function = self.load.partition(":")
        try:
            run: Run = getattr(importlib.import_module(module), function)(context)
        except (ImportError, AttributeError) as error:
            raise PipelineInvalid(
                f"The pipeline {self.kind!r} cannot be loaded from {self.load}: {error}."
            ) from error
        return run
