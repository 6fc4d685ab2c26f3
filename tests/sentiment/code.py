from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sentiment import SentimentOutput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sentiment import SentimentInput

CRASH = "crash"
EXIT = "exit"
OFFLINE = "offline"


def load(suggester: Any) -> Callable[[Sequence[SentimentInput]], list[SentimentOutput]]:
    del suggester
    return answer


def answer(inputs: Sequence[SentimentInput]) -> list[SentimentOutput]:
    texts = [found.text for found in inputs]
    if any(CRASH in text for text in texts):
        raise KeyError(CRASH)
    if any(EXIT in text for text in texts):
        raise SystemExit
    if any(OFFLINE in text for text in texts):
        raise ConnectionError
    return [SentimentOutput(_score(found), "words-1", parts=["text"]) for found in inputs]


def _score(found: SentimentInput) -> float:
    if "nan" in found.text:
        return float("nan")
    weights = {item.word: item.weight for item in found.words} or {"lovely": 1.0}
    score = sum(weights.get(word, 0.0) for word in found.text.rstrip("!").split())
    return score * (100 if found.scale == "percent" else 1)
