"""The kinds of question. Each one is a module here with a function `run`, listed in `KINDS`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol

from suggester.errors import RequestInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.requests import Answer, Request

KINDS: Final = {
    "next": "suggester.kinds.next",
    "complete": "suggester.kinds.complete",
}


class Kind(Protocol):
    """A function that answers a batch of requests of one kind."""

    def __call__(self, ranker: Ranker, requests: Sequence[Request]) -> list[Answer]:
        """Return the answers in the order of the requests.

        Raises:
            SuggesterError: one of the requests has no answer.
        """


def load_kind(name: str) -> Kind:
    """Return the function that answers requests of the named kind.

    Raises:
        RequestInvalid: the kind does not exist.
    """
    if name not in KINDS:
        raise RequestInvalid(f"There is no kind {name!r}; use one of {', '.join(KINDS)}.")
    run: Kind = importlib.import_module(KINDS[name]).run
    return run
