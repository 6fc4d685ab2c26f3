"""From the body of a request, with names, to submissions, with ids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from functions.api.problems import Problem, invalid
from functions.api.schemas.requests import (
    DELIVERY_FIELDS,
    MAX_ENTRIES,
    Delivery,
)
from pipelines.errors import FieldError, InputInvalid
from pipelines.forms import form_of
from suggester.drinks import describe_unknown
from suggester.errors import IngredientsUnknown, MaskEmpty
from suggester.inputs import InputReader
from suggester.kinds.pipeline import DrinkPipeline
from suggester.names import normalise
from suggester.requests import MAX_INGREDIENTS
from tasks.submission import Submission
from tasks.task import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.api.bootstrap import Services
    from pipelines.registry import Registry
    from suggester.inputs import Inputs
    from suggester.vocabulary import Vocabulary
    from tasks.inline_document import InlineDocument


NAMES: Final = ("ingredients", "exclude", "only")  # lists whose order has no meaning


@dataclass(frozen=True, slots=True)
class Requested:
    """The submissions of a request whose form is right.

    Attributes:
        sent: the drinks or the document as they were sent, in a normal form.
        submissions: empty if the deployment refuses the request.
        refusal: why the deployment refuses it, or None. Another model may accept it.
        document: the file of the lines in the request, which must be written first, or None.
    """

    sent: list[dict[str, Any]]
    submissions: list[Submission]
    refusal: Problem | None = None
    document: InlineDocument | None = None

    def traced(self, traceparent: str | None) -> Requested:
        """Return the same submissions as part of the caller's trace."""
        if traceparent is None:
            return self
        traced = [replace(each, traceparent=traceparent) for each in self.submissions]
        return replace(self, submissions=traced)

    def delivered_to(self, webhook: str) -> Requested:
        """Return the same submissions, whose results are delivered to a URL."""
        sent = [{**each, "webhook": webhook} for each in self.sent]
        pairs = zip(self.submissions, sent, strict=False)  # a refused request has no submissions
        delivered = [replace(each, webhook=webhook, sent=own) for each, own in pairs]
        return replace(self, sent=sent, submissions=delivered)


def read_drinks(
    body: Any, services: Services, *, ignore_unknown: bool, source: str = "body"
) -> Requested:
    """Return the submissions of an input or of an array of inputs: all of them, or none.

    `source` is the part of the request that contains them, for error messages.

    Raises:
        Problem: an input has a wrong form.
    """
    is_array = isinstance(body, list)
    drinks = body if is_array else [body]
    if not 1 <= len(drinks) <= MAX_ENTRIES:
        raise invalid([(source, f"must have 1 to {MAX_ENTRIES} drinks")])
    _refuse_invalid(drinks, services.registry, source, is_array=is_array)
    added = {"ignore_unknown": True} if ignore_unknown else {}
    sent = [normal_form(drink, services.registry) | added for drink in drinks]
    registry, vocabulary = services.registry, services.vocabulary
    reader = InputReader(registry, vocabulary, ignore_unknown=ignore_unknown)
    submissions = []
    for index, drink in enumerate(drinks):
        place = f"{source}[{index}]" if is_array else source
        try:
            inputs = _resolve(drink, reader, services, place, index, ignore_unknown=ignore_unknown)
        except Problem as refusal:
            return Requested(sent, [], refusal)
        lane = Lane(drink.get("priority", Lane.INTERACTIVE))
        fields = registry.encode(inputs)
        submissions.append(
            Submission(
                fields, lane, deadline_of(drink), sent[index], metadata=drink.get("metadata")
            )
        )
    return Requested(sent, submissions)


def _resolve(
    drink: dict[str, Any],
    reader: InputReader,
    services: Services,
    place: str,
    index: int,
    *,
    ignore_unknown: bool,
) -> Inputs:
    """Return the inputs of a drink by kind, in ids.

    Raises:
        Problem: it has an unknown name, leaves nothing to suggest, or may not take that long.
    """
    try:
        inputs = reader.resolve(drink)
    except IngredientsUnknown as error:
        can_ignore = not (ignore_unknown or error.excluded)
        raise unknown_names(error, services.vocabulary, can_ignore, index=index) from error
    except InputInvalid as error:
        raise invalid(placed(error.errors, place), index=index) from error
    _refuse_empty_mask(inputs, services, index)
    refuse_long_deadline(drink, services.tasks.deadline, index=index)
    return inputs


def normal_form(body: dict[str, Any], registry: Registry) -> dict[str, Any]:
    """Return an input or a document such that its repetition is equal, whatever the vocabulary."""
    kinds = registry.kinds_of(body)
    if not all(isinstance(registry[kind], DrinkPipeline) for kind in kinds):
        return {name: _normal_value(value) for name, value in body.items()}
    return {
        name: sorted({normalise(each) for each in value})
        if name in NAMES and isinstance(value, list)
        else _normal_value(value)
        for name, value in body.items()
    }


def _normal_value(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refuse_invalid(
    drinks: Sequence[Any], registry: Registry, source: str, *, is_array: bool
) -> None:
    """Raise a problem with the errors of all drinks, and the index of the first."""
    errors: list[tuple[str, str]] = []
    first = 0
    for index, drink in enumerate(drinks):
        found = registry.check(drink, DELIVERY_FIELDS)
        if isinstance(drink, dict):
            found += check_delivery(drink, Delivery)
        if found and not errors:
            first = index
        errors += placed(found, f"{source}[{index}]" if is_array else source)
    if errors:
        raise invalid(errors, **({"index": first} if is_array else {}))


def check_delivery(body: dict[str, Any], delivery: type) -> list[FieldError]:
    """Return what is wrong with the fields that are not for the kind itself."""
    form = form_of(delivery)
    return [error for name in form.names if name in body for error in form.check(name, body[name])]


def refuse_long_deadline(body: dict[str, Any], longest: int, **place: int) -> None:
    """Raise a problem if a task may not take that long; `longest` is in seconds."""
    if (deadline_of(body) or 0) > longest:
        raise Problem("invalid", f"deadline_seconds must be at most {longest} here.", **place)


def placed(errors: Sequence[FieldError], place: str) -> list[tuple[str, str]]:
    """Return the errors of an input with their places in the request."""
    return [(f"{place}.{at}" if at else place, detail) for at, detail in errors]


def deadline_of(body: dict[str, Any]) -> int | None:
    """Return how many seconds a task may take, or None for the default."""
    seconds = body.get("deadline_seconds")
    return None if seconds is None else int(seconds)


def unknown_names(
    error: IngredientsUnknown,
    vocabulary: Vocabulary,
    can_ignore: bool,  # noqa: FBT001 - callers name it, or have a variable of this name
    **place: int,
) -> Problem:
    """Return the problem of unknown names, with the most similar known ones."""
    nearest = {
        name: vocabulary.nearest(name, groups=name in error.excluded)
        for name in error.names[:MAX_INGREDIENTS]
    }
    advice = "; ignore_unknown=true leaves these out." if can_ignore else "."
    unknown = [
        {"name": name, "nearest": similar}
        | ({"alcohol": True} if vocabulary.lacks_drink(name) else {})
        for name, similar in nearest.items()
    ]
    detail = describe_unknown(nearest, vocabulary) + advice
    return Problem("unknown-ingredient", detail, **place, unknown=unknown)


def _refuse_empty_mask(inputs: Inputs, services: Services, index: int) -> None:
    for kind, request in inputs:
        pipeline = services.registry[kind]
        if not isinstance(pipeline, DrinkPipeline) or not pipeline.grows:
            continue
        if request.text is not None:  # its drink is not known yet
            continue
        filters = request.exclude, request.only
        if not services.vocabulary.candidates(request.ingredients, *filters):
            raise Problem("nothing-to-suggest", str(MaskEmpty()), index=index)
