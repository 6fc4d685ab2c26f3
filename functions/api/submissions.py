"""From a drink in a caller's words to a submission in the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.api.errors import Problem
from suggester.requests import MAX_INGREDIENTS, SEPARATOR, Request
from tasks.documents import owned_key
from tasks.model import Priority
from tasks.service import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from functions.api.dependencies import Services
    from functions.api.schemas import Asked, DocumentTask, Drink
    from suggester.vocabulary import Language, Vocabulary

FIELDS = ("ingredients", "exclude", "only")


def split_joined(ingredients_joined: str) -> list[str]:
    """Return the names in the query form: `;` between them, blanks and empty ones dropped."""
    return [name for part in ingredients_joined.split(SEPARATOR) if (name := part.strip())]


def translate(
    drinks: Sequence[Drink], vocabulary: Vocabulary, *, longest_deadline: int, ignore_unknown: bool
) -> list[Submission]:
    """Turn drinks into submissions: all of them, or none.

    Raises:
        Problem: a drink names what the model does not know, or asks for what cannot be.
    """
    submissions = []
    for index, drink in enumerate(drinks):
        request = _request(drink, vocabulary, ignore_unknown=ignore_unknown, index=index)
        _check(request, vocabulary, index)
        _check_deadline(drink, longest_deadline, index=index)
        priority = Priority(drink.priority)
        submissions.append(Submission(request.to_json(), priority, drink.deadline_seconds))
    return submissions


def document_submission(
    asked: DocumentTask, services: Services, owner: str, language: Language
) -> Submission:
    """Turn a document into a submission; its lines are read by the worker.

    Raises:
        DocumentNotFound: it is not the owner's.
        Problem: what is asked of its lines names what the model does not know.
    """
    key = owned_key(services.documents, owner, asked.document)
    defaults = _request(asked, services.vocabulary, ignore_unknown=False)
    _check_deadline(asked, services.tasks.deadline)
    fields = {"document": key, "language": language, "defaults": defaults.to_json()}
    return Submission(fields, Priority.DOCUMENT, asked.deadline_seconds)


def _request(
    asked: Asked, vocabulary: Vocabulary, *, ignore_unknown: bool, **place: int
) -> Request:
    named = {field: getattr(asked, field, ()) for field in FIELDS}
    # An exclusion that is left out would be an allergy that is overlooked.
    checked = ("exclude",) if ignore_unknown else FIELDS
    names = [name for field in checked for name in named[field] or ()]
    unknown = list(dict.fromkeys(name for name in names if vocabulary.find(name) is None))
    if unknown:
        can_ignore = isinstance(named["ingredients"], list) and not ignore_unknown
        raise _unknown_ingredient(unknown, vocabulary, place, can_ignore=can_ignore)
    ids = {
        field: None if names is None else _ids(names, vocabulary) for field, names in named.items()
    }
    return Request(
        ingredients=ids["ingredients"] or (),
        kind=asked.kind,
        top_k=asked.top_k,
        length=asked.length,
        exclude=ids["exclude"] or (),
        only=ids["only"],
    )


def _ids(names: Iterable[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the ids of the names that are known, sorted, each once."""
    return tuple(sorted({found.id for name in names if (found := vocabulary.find(name))}))


def _unknown_ingredient(
    unknown: list[str], vocabulary: Vocabulary, place: dict[str, int], *, can_ignore: bool
) -> Problem:
    nearest = {name: vocabulary.nearest(name) for name in unknown[:MAX_INGREDIENTS]}
    detail = " ".join(
        f"{name!r} is not known; did you mean {' or '.join(alike)}?"
        if alike
        else f"{name!r} is not known, and nothing is like it."
        for name, alike in nearest.items()
    )
    entries = [{"name": name, "nearest": alike} for name, alike in nearest.items()]
    advice = " GET /api/ingredients?q= lists names"
    advice += "; ignore_unknown=true leaves these out." if can_ignore else "."
    return Problem("unknown-ingredient", detail + advice, **place, unknown=entries)


def _check(request: Request, vocabulary: Vocabulary, index: int) -> None:
    if request.kind == "complete" and request.length <= len(request.ingredients):
        detail = f"length must be greater than the {len(request.ingredients)} ingredients given."
        raise Problem("invalid", detail, index=index)
    if not vocabulary.candidates(request.ingredients, request.exclude, request.only):
        detail = "Nothing is left to suggest; exclude less, or allow more in only."
        raise Problem("nothing-to-suggest", detail, index=index)


def _check_deadline(asked: Asked, longest: int, **place: int) -> None:
    if asked.deadline_seconds is not None and asked.deadline_seconds > longest:
        raise Problem("invalid", f"deadline_seconds is at most {longest} here.", **place)
