"""A pipeline: what one kind of question consists of."""

from __future__ import annotations

import dataclasses
import importlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipelines.errors import (
    MAX_REPORTED,
    UNREADABLE,
    FieldError,
    InputInvalid,
    OutputInvalid,
    PipelineInvalid,
    reason,
)
from pipelines.forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # Answers a batch of inputs in their order.
    Run = Callable[[Sequence[Any]], Sequence[Any]]
    JsonObject = dict[str, Any]

# Bytes of JSON. DynamoDB allows 400 kB for a row, and the input may be half of it.
MAX_OUTPUT: Final = 200_000


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
        form = form_of(self.input)
        members = dataclasses.asdict(found)
        own = {name: getattr(found, name) for name in form.names}
        given = [name for name in own if own[name] != form.defaults.get(name, dataclasses.MISSING)]
        return {name: members[name] for name in given}

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
        """Return an output as it is stored.

        Raises:
            OutputInvalid: the code of the pipeline returned something else than an output.
        """
        if not isinstance(found, self.output):
            detail = f"{type(found).__name__} in place of {self.output.__name__}"
            raise OutputInvalid(f"The pipeline {self.kind!r} returned {detail}.")
        try:
            output: Any = found
            text = json.dumps(dataclasses.asdict(output))
        except (TypeError, ValueError) as error:
            raise OutputInvalid(f"The pipeline {self.kind!r} returned no JSON: {error}.") from error
        if len(text) > MAX_OUTPUT:
            detail = f"{len(text)} bytes of JSON; return at most {MAX_OUTPUT}"
            raise OutputInvalid(f"The pipeline {self.kind!r} returned {detail}.")
        members: JsonObject = json.loads(text)
        form = form_of(self.output)
        own = {name: members[name] for name in form.names}
        if errors := [error for name, value in own.items() for error in form.check(name, value)]:
            detail = "; ".join(map(str, errors[:MAX_REPORTED]))
            raise OutputInvalid(f"The pipeline {self.kind!r} returned a wrong output: {detail}.")
        return own

    def present(self, answer: JsonObject, naming: Any) -> JsonObject:
        """Return a stored output as the caller gets it; `naming` replaces ids of ingredients."""
        del naming
        return answer

    def start(self, context: Any) -> Run:
        """Import the code of the pipeline and return the function that answers batches.

        Raises:
            PipelineInvalid: the code cannot be imported or started, or has no such function.
        """
        module, _, function = self.load.partition(":")
        try:
            run: Run = getattr(importlib.import_module(module), function)(context)
        except (Exception, SystemExit) as error:
            raise PipelineInvalid(
                f"The pipeline {self.kind!r} cannot be loaded from {self.load}: {reason(error)}; "
                "install what is missing, or correct its code."
            ) from error
        if not callable(run):
            raise PipelineInvalid(
                f"The pipeline {self.kind!r} has no code: {self.load} must return a function."
            )
        return run
