"""The errors of the suggester.

SuggesterError
├── ArtifactInvalid         a file of the model is missing, damaged or inconsistent with the others
├── EngineUnavailable       the engine does not exist, or its package is not installed
├── NetworkInvalid          the network returned NaN or an infinite value
├── RequestInvalid          the request has fields or ids that this model does not know
│   ├── DuplicateField      a field occurs twice in one JSON object
│   └── IngredientsUnknown  a drink names ingredients or groups that the model does not know
└── MaskEmpty               the masks leave nothing to suggest
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class SuggesterError(Exception):
    """The base class of all errors that this package raises on purpose."""


class ArtifactInvalid(SuggesterError):
    """A file of the model is missing, damaged or inconsistent with the others."""


class EngineUnavailable(SuggesterError):
    """The engine does not exist, or its package is not installed."""


class NetworkInvalid(SuggesterError):
    """The network returned NaN or an infinite value."""

    def __str__(self) -> str:
        return "The network returned NaN or an infinite value; train it again."


class RequestInvalid(SuggesterError):
    """The request has fields or ids that this model does not know."""


class DuplicateField(RequestInvalid):
    """A field occurs twice in one JSON object."""

    def __str__(self) -> str:
        return "A field occurs twice in one object; send it once."


class IngredientsUnknown(RequestInvalid):
    """A drink names ingredients or groups that the model does not know.

    Attributes:
        names: all of them.
        excluded: those that the drink excludes.
    """

    def __init__(self, names: Sequence[str], excluded: Sequence[str] = ()) -> None:
        super().__init__(names, excluded)
        self.names = names
        self.excluded = excluded


class MaskEmpty(SuggesterError):
    """The masks leave nothing to suggest."""

    def __str__(self) -> str:
        return "Nothing is left to suggest; exclude less, or allow more in only."
