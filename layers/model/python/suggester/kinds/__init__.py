"""The kinds of question. A kind is a module here with a function `run`, and an entry below."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol

from suggester.errors import RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.requests import Answer, Request
    from suggester.suggester import Suggester

KINDS: Final = {
    "next": "suggester.kinds.next",
    "complete": "suggester.kinds.complete",
}


class Kind(Protocol):
    """Answers requests of one kind, all at once."""

    def __call__(self, suggester: Suggester, requests: Sequence[Request]) -> list[Answer]:
        """Return the answers in the order of the requests.

        Raises:
            SuggesterError: one of the requests has no answer.
        """


def load_kind(name: str) -> Kind:
    """Return the function that answers requests of that kind.

    Raises:
        RequestInvalid: there is no such kind.
    """
    if name not in KINDS:
        raise RequestInvalid(f"There is no kind {name!r}; use one of {', '.join(KINDS)}.")
    run: Kind = importlib.import_module(KINDS[name]).run
    return run
