"""The errors that this package raises on purpose.

SuggesterError
├── ArtifactInvalid    a file of the model is missing, damaged or inconsistent with the others
├── EngineUnavailable  the engine does not exist, or its package is not installed
├── NetworkInvalid     the network returned NaN or an infinite value
├── RequestInvalid     the model cannot read the request
└── MaskEmpty          the masks leave nothing to suggest
"""


class SuggesterError(Exception):
    """The base class of every error that this package raises on purpose."""


class ArtifactInvalid(SuggesterError):
    """A file of the model is missing, damaged or inconsistent with the others."""


class EngineUnavailable(SuggesterError):
    """The engine does not exist, or its package is not installed."""


class NetworkInvalid(SuggesterError):
    """The network returned NaN or an infinite value."""

    def __init__(self) -> None:
        super().__init__("The network returned NaN or an infinite value; train it again.")


class RequestInvalid(SuggesterError):
    """The model cannot read the request, or does not know an id in it."""


class MaskEmpty(SuggesterError):
    """The masks leave nothing to suggest."""

    def __init__(self) -> None:
        super().__init__("The masks leave nothing to suggest; exclude less or allow more.")
