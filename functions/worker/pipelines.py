"""The pipelines of a worker, ready to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.worker.failures import Permanent, Transient, Unreadable
from pipelines.errors import UNREADABLE, FieldError, InputInvalid, PipelineExited
from pipelines.forms import form_of
from pipelines.registry import KIND
from suggester.errors import MaskEmpty, RequestInvalid
from suggester.kinds.pipeline import DrinkPipeline
from suggester.kinds.suggestions import Suggestions
from suggester.requests import FIELDS, Request
from tasks.task import ErrorType, Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.pipeline import Run
    from pipelines.registry import Registry
    from suggester.suggester import Suggester
    from tasks.messages import TaskMessage
    from tasks.task import JsonObject


@dataclass(frozen=True, slots=True)
class Pipelines:
    """The pipelines of a worker, each with the function that answers its batches.

    Raises:
        PipelineInvalid: the code of a pipeline cannot be imported.
    """

    registry: Registry
    suggester: Suggester
    _runs: dict[str, Run] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for kind in self.registry.kinds:
            self._runs[kind] = self.registry[kind].start(self.suggester)

    def kinds_of(self, message: TaskMessage) -> list[str]:
        """Return the kinds of this deployment that a message asks for.

        For a document, these are the kinds of lines that name none.
        """
        is_document = message.lane is Lane.DOCUMENT
        members = message.input.get("defaults", {}) if is_document else message.input
        kinds = self.registry.kinds_of(members) if isinstance(members, dict) else ()
        return [kind for kind in kinds if isinstance(kind, str) and kind in self.registry]

    def check(self, defaults: JsonObject) -> None:
        """Check that the kinds of a document, and the ids in its defaults, are known.

        Raises:
            InputInvalid: this deployment has no such kind, or cannot read the defaults.
            RequestInvalid: the model does not know an id.
        """
        if errors := self.registry.check_kind(defaults):
            raise InputInvalid(errors)
        known = FIELDS.union(*(form_of(self.registry[k].input).names for k in self.registry.kinds))
        if not defaults.keys() <= known:
            raise InputInvalid([FieldError("defaults", UNREADABLE)])
        own = {name: value for name, value in defaults.items() if name in FIELDS - {KIND}}
        try:
            request = Request.from_json(own)
        except RequestInvalid as error:
            raise InputInvalid([FieldError("defaults", UNREADABLE)]) from error
        self.suggester.check(request)

    def unanswerable(self, kind: str, inputs: Sequence[Any]) -> set[int]:
        """Return the indices of the inputs whose filters leave nothing to suggest.

        An input with a text is not among them, because its drink is not known yet.
        """
        pipeline = self.registry[kind]
        grows = isinstance(pipeline, DrinkPipeline) and pipeline.grows
        rows = [row for row, found in enumerate(inputs) if grows and found.text is None]
        refused = self.suggester.find_unanswerable([inputs[row] for row in rows]) if rows else ()
        return {rows[index] for index in refused}

    def answer(self, kind: str, inputs: Sequence[Any]) -> list[Any]:
        """Answer inputs of one kind in their order.

        Raises:
            PipelineExited: the code of another package tried to end the worker.
        """
        try:
            return self._answer(kind, inputs)
        except Exception:
            raise
        except BaseException as error:
            if isinstance(self.registry[kind], DrinkPipeline):
                raise
            name = type(error).__name__
            raise PipelineExited(f"The pipeline {kind!r} raised {name}.") from error

    def _answer(self, kind: str, inputs: Sequence[Any]) -> list[Any]:
        run = self._runs[kind]
        if self.registry[kind].batched:
            return list(run(inputs))
        outputs = []
        for found in inputs:
            [output] = run([found])
            outputs.append(output)
        return outputs


def answer_with(pipelines: Pipelines) -> Callable[[Sequence[JsonObject]], list[JsonObject]]:
    """Return a function that answers stored inputs, all of the same single kind.

    It raises `ProcessingError`.
    """
    registry, version = pipelines.registry, pipelines.suggester.version

    def answer(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        try:
            decoded = [registry.decode(members) for members in inputs]
        except (RequestInvalid, InputInvalid) as error:
            raise Unreadable from error
        kind = decoded[0][0]
        try:
            outputs = pipelines.answer(kind, [found for _, found in decoded])
        except MaskEmpty as error:
            raise Permanent(ErrorType.EMPTY_MASK, str(error)) from error
        except (RequestInvalid, InputInvalid) as error:
            raise Permanent(ErrorType.PREDICTION_FAILED, str(error)) from error
        except (OSError, MemoryError) as error:
            raise Transient from error
        pipeline = registry[kind]
        encoded = map(pipeline.encode_output, outputs)
        # An output of its own is nested: its fields may have the names of fields of a result.
        is_flat = pipeline.output is Suggestions
        return [{**(e if is_flat else {"output": e}), "model": version} for e in encoded]

    return answer
