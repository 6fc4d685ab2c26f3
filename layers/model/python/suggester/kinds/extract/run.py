"""The kind `extract`: find the ingredients in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suggester.requests import Extracted
from suggester.texts import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suggester.ranker import Ranker
    from suggester.requests import Request


def run(ranker: Ranker, requests: Sequence[Request]) -> list[Extracted]:
    """Return the ingredients of each text."""
    extract = ranker.extractor.extract
    return [Extracted(describe(extract(request.text or ""))) for request in requests]
