"""The pipelines of a deployment, by kind, and the check of what callers send to them."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pipelines.errors import FieldError, InputInvalid, PipelineInvalid, printable, reason
from pipelines.forms import form_of
from pipelines.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KIND: Final = "kind"
MAX_KINDS: Final = 8  # in one task
KIND_RULE: Final = re.compile(r"(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Fields that every request has, whatever its kind.
RESERVED: Final = frozenset({KIND, "priority", "deadline_seconds", "document", "lines", "metadata"})


class Registry:
    """The pipelines of a deployment; the first is the one of requests without a kind."""

    def __init__(self, pipelines: Iterable[Pipeline]) -> None:
        self._pipelines: dict[str, Pipeline] = {}
        for pipeline in pipelines:
            if pipeline.kind in self._pipelines:
                raise PipelineInvalid(
                    f"Two pipelines have the kind {pipeline.kind!r}; give yours another one."
                )
            _refuse_unusable(pipeline)
            self._pipelines[pipeline.kind] = pipeline
        self.default = next(iter(self._pipelines))
        for pipeline in self._pipelines.values():
            if errors := self._refusals(pipeline):
                raise PipelineInvalid(
                    f"The example of the pipeline {pipeline.kind!r} is refused: {errors[0]}."
                )

    def __getitem__(self, kind: str) -> Pipeline:
        return self._pipelines[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in self._pipelines

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that callers can ask for."""
        return tuple(self._pipelines)

    def kinds_of(self, members: Mapping[str, Any]) -> list[str]:
        """Return the kinds of an input whose form is right."""
        kind = members.get(KIND, self.default)
        return kind if isinstance(kind, list) else [kind]

    def encode(self, inputs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """Return the inputs of one task, by kind, as one object for its row and message."""
        pairs = list(inputs)
        members: dict[str, Any] = {}
        for kind, found in pairs:
            members |= self[kind].encode_input(found)
        kinds = [kind for kind, _ in pairs]
        members.pop(KIND, None)
        if kinds == [self.default]:
            return members
        return {KIND: kinds[0] if len(kinds) == 1 else kinds, **members}

    def split(self, members: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the stored input of each kind of a task, from the output of `encode`."""
        kinds = self.kinds_of(members)
        if len(kinds) <= 1 or not all(isinstance(kind, str) for kind in kinds):
            [key] = kinds if len(kinds) == 1 else [kinds]
            return {str(key): members}
        names = {kind: form_of(self[kind].input).names for kind in kinds if kind in self}
        foreign = {name for own in names.values() for name in own}
        return {
            kind: {n: v for n, v in members.items() if n in own or n not in foreign} | {KIND: kind}
            for kind, own in {kind: names.get(kind, ()) for kind in kinds}.items()
        }

    def decode(self, members: dict[str, Any]) -> tuple[str, Any]:
        """Return the kind and the input of the stored input of one kind.

        Raises:
            InputInvalid: this deployment has no such kind, or cannot read the input.
        """
        if errors := self.check_kind(members):
            raise InputInvalid(errors)
        [kind] = self.kinds_of(members)
        return kind, self[kind].decode_input({n: v for n, v in members.items() if n != KIND})

    def check(
        self, members: Any, others: frozenset[str] = frozenset(), *, partial: bool = False
    ) -> list[FieldError]:
        """Return what is wrong with the form of an input.

        Args:
            members: the input, as the caller sent it.
            others: fields that it may have besides those of its kinds; they are not checked.
            partial: whether required fields may be missing, because others give them.
        """
        if not isinstance(members, dict):
            return [FieldError("", 'send an object, such as {"ingredients": ["milk"]}')]
        if errors := self.check_kind(members):
            return errors
        kinds = self.kinds_of(members)
        forms = {kind: form_of(self[kind].input) for kind in kinds}
        errors = []
        for name, value in members.items():
            own = [form for form in forms.values() if name in form.names]
            errors += dict.fromkeys(error for form in own for error in form.check(name, value))
            if not own and name != KIND and name not in others:
                errors.append(FieldError(printable(name), self._unknown(name, kinds, others)))
        if not partial:
            missing = [error for form in forms.values() for error in form.missing(members)]
            errors += dict.fromkeys(missing)
        return errors

    def check_kind(self, members: Mapping[str, Any]) -> list[FieldError]:
        """Return what is wrong with the kind of an input."""
        kind = members.get(KIND, self.default)
        known = ", ".join(self._pipelines)
        if not isinstance(kind, list):
            is_known = isinstance(kind, str) and kind in self
            return [] if is_known else [FieldError(KIND, f"must be one of {known}")]
        if not 1 <= len(kind) <= MAX_KINDS:
            return [FieldError(KIND, f"must have 1 to {MAX_KINDS} kinds")]
        for index, each in enumerate(kind):
            if not isinstance(each, str) or each not in self:
                return [FieldError(f"{KIND}[{index}]", f"must be one of {known}")]
        is_repeated = len(set(kind)) < len(kind)
        return [FieldError(KIND, "must have each kind once")] if is_repeated else []

    def _refusals(self, pipeline: Pipeline) -> Sequence[FieldError]:
        """Return what is wrong with the example of a pipeline."""
        if errors := self.check({KIND: pipeline.kind, **pipeline.example}):
            return errors
        try:
            form_of(pipeline.input).read(dict(pipeline.example))
        except InputInvalid as error:
            return error.errors
        return []

    def _unknown(self, name: str, kinds: list[str], others: frozenset[str]) -> str:
        owners = [p.kind for p in self._pipelines.values() if name in form_of(p.input).names]
        if owners:
            *first, last = owners
            named = f"{', '.join(first)} and {last}" if first else last
            return f"belongs to {named}, not to {' or '.join(kinds)}; remove it"
        fields = {KIND, *others}.union(*(form_of(self[kind].input).names for kind in kinds))
        nearest = difflib.get_close_matches(printable(name), sorted(fields), 1)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        return f"there is no such field here{hint}"


def _refuse_unusable(pipeline: Pipeline) -> None:
    if not KIND_RULE.fullmatch(pipeline.kind):
        raise PipelineInvalid(
            f"The kind {pipeline.kind!r} cannot be used; use up to 32 small letters, digits "
            "and hyphens, such as 'sentiment'."
        )
    if not isinstance(pipeline.example, Mapping):
        raise PipelineInvalid(
            f"The example of the pipeline {pipeline.kind!r} is no object; give it the fields of a "
            "request, as a dict."
        )
    form_of(pipeline.output)
    if clash := sorted(RESERVED.intersection(form_of(pipeline.input).names)):
        raise PipelineInvalid(
            f"The pipeline {pipeline.kind!r} has a field {clash[0]!r}, which every request has; "
            "rename it."
        )


def load_pipelines(packages: Iterable[str]) -> list[Pipeline]:
    """Return the pipelines that these packages have as `PIPELINE`.

    Raises:
        PipelineInvalid: a package cannot be imported, or has no pipeline.
    """
    return [_load(package) for package in packages]


def _load(package: str) -> Pipeline:
    try:
        module = importlib.import_module(package)
    except (Exception, SystemExit) as error:
        raise PipelineInvalid(
            f"The pipeline {package!r} cannot be imported: {reason(error)}; "
            "install what is missing, or correct the package or PIPELINES."
        ) from error
    pipeline = getattr(module, "PIPELINE", None)
    if not isinstance(pipeline, Pipeline):
        raise PipelineInvalid(f"{package!r} has no PIPELINE; see docs/model.md for what it needs.")
    return pipeline


def package_names(text: str) -> list[str]:
    """Return the names in a list with commas between them, each once, such as of PIPELINES."""
    return list(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
