"""What the kind `next` is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from suggester.kinds.fields import TOP_K, Growing, TopK


@dataclass(frozen=True, kw_only=True)
class NextInput(Growing):
    """A half-built drink, and what may be added next."""

    top_k: TopK = field(default=5, metadata=TOP_K)
    because: bool = field(
        default=False,
        metadata={"description": "Name up to three known drinks that support each suggestion."},
    )
