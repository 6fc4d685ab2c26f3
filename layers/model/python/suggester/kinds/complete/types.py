"""What the kind `complete` is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import LENGTH, Growing, Length


@dataclass(frozen=True, kw_only=True)
class CompleteInput(Growing):
    """A half-built drink, and what may finish it."""

    length: Length | None = field(default=None, metadata=LENGTH)
