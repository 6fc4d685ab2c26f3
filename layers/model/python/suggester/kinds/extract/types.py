"""What the kind `extract` is asked, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import TEXT_TO_READ, Text
from suggester.kinds.understood import Understood


@dataclass(frozen=True, kw_only=True)
class ExtractInput:
    """A text that names ingredients."""

    text: Text = field(metadata=TEXT_TO_READ)


@dataclass(frozen=True, kw_only=True)
class ExtractOutput(Understood):
    """The ingredients in a text, in the order of the text."""
