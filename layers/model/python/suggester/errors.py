"""What can go wrong with a suggestion, as types.

SuggesterError
├── ArtifactInvalid  the model's files are missing, damaged or do not fit together
├── EngineUnknown    no engine of that name, or its package is not installed
├── RequestInvalid   a request that no model could answer
└── MaskEmpty        nothing is left that may be suggested
"""


class SuggesterError(Exception):
    """The root of every error that this package raises on purpose."""


class ArtifactInvalid(SuggesterError):
    """A file of the model is missing, damaged, or does not fit the others."""


class EngineUnknown(SuggesterError):
    """There is no engine of that name, or its package is not installed."""


class RequestInvalid(SuggesterError):
    """The request names what the model does not know."""


class MaskEmpty(SuggesterError):
    """The masks leave nothing to suggest."""

    def __init__(self) -> None:
        super().__init__("The masks leave nothing to suggest; exclude less or allow more.")
