"""Quantities in a text, and the phrases that they belong to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from suggester.extraction.lexicon import is_quality
from suggester.extraction.morphology import is_russian, is_singular
from suggester.units import ABOUT, ANY_UNIT, NUMBER, NUMBER_WORDS, RANGE, find_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Span = tuple[int, int]


class Amount(NamedTuple):
    """A quantity at a place in the folded text."""

    start: int
    end: int
    quantity: float | None
    unit: str | None


_END: Final = r"(?:\.|(?![\w-]))"
_SIZED: Final = r"(?:(?:large|small|medium|heaped|heaping|level|rounded|generous) )?"
_BRACKET: Final = r"\([^()\n]{1,20}\)"
_WORDS: Final = "|".join(NUMBER_WORDS)
_AMOUNT: Final = re.compile(
    rf"(?<![\w.,/])(?:{ABOUT}"
    rf"(?:(?:[xх×] ?)?(?P<digits>{RANGE})(?![\w%]|[.,]\d| ?%)|(?P<word>{_WORDS})(?!\w))"
    rf"(?:(?: ?{_BRACKET})?[ -]?{_SIZED}(?P<unit>{ANY_UNIT}){_END})?"
    rf"|{ABOUT}(?P<close>{RANGE}|пол)-?(?P<close_unit>{ANY_UNIT}){_END}"
    rf"|(?P<bare>{ANY_UNIT}){_END}(?P<of> of\b)?)"
)
_TOO_LONG: Final = re.compile(r"\d{10}")  # no quantity, and more than a float can hold
_FACTOR: Final = re.compile(r"[x×]")
_NUMBER: Final = re.compile(NUMBER)
_FRACTION: Final = re.compile(r"(?:(\d+) )?(\d+) ?[/⁄] ?(\d+)")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2},\d{3}")
_NEEDS_NO_OF: Final = frozenset(
    ("cup", "tbsp", "tsp", "pinch", "dash", "splash", "handful", "drizzle", "glass")
)
_SHORTEST_BARE: Final = 3
_GAP_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SHARE: Final = re.compile(r"\d+(?:[.,]\d+)? ?%")  # of fat
_MARKS: Final = re.compile(r"[^\w\s]")
_WEIGHTS: Final = {"": 0, "-": 1, ":": 1, "(": 1, "=": 1, "*": 1, "×": 1, ",": 2, ")": 2}
_FAR: Final = 9
_MOST_WORDS: Final = 3


def find_amounts(text: str) -> Iterator[Amount]:
    """Yield the quantities of a folded text."""
    for found in _AMOUNT.finditer(text):
        if bare := found["bare"]:
            if not _may_be_bare(bare, is_of=bool(found["of"])):
                continue
            number = 1.0 if is_singular(bare.split()[-1]) else None
            yield Amount(found.start(), found.start() + len(bare), number, find_unit(bare))
            continue
        unit = found["unit"] or found["close_unit"]
        number = _value(found["digits"] or found["close"] or found["word"])
        yield Amount(found.start(), found.end(), number, unit and find_unit(unit))


def _may_be_bare(form: str, *, is_of: bool) -> bool:
    """Whether a unit without a number is one: can of cola, but not: I can."""
    if len(form) < _SHORTEST_BARE:
        return False
    return is_of or is_russian(form.rsplit(maxsplit=1)[-1]) or find_unit(form) in _NEEDS_NO_OF


def _value(form: str) -> float | None:
    """Return the value of a number or a word, the middle of a range, or a product."""
    if form in NUMBER_WORDS:
        return NUMBER_WORDS[form]
    if _TOO_LONG.search(form):
        return None
    numbers = [_number(found[0]) for found in _NUMBER.finditer(form)]
    if _FACTOR.search(form):
        product = 1.0
        for number in numbers:
            product *= number
        return product
    return (numbers[0] + numbers[-1]) / 2


def _number(form: str) -> float:
    if found := _FRACTION.fullmatch(form):
        whole, above, below = found.groups(default="0")
        return int(whole) + (int(above) / int(below) if int(below) else 0)
    return float(form.replace(",", "" if _THOUSANDS.fullmatch(form) else "."))


def assign(
    text: str, amounts: Sequence[Amount], spans: Sequence[Span], known: Sequence[bool]
) -> Mapping[int, Amount]:
    """Return the amount of each span that has one, by the index of the span.

    An amount belongs to the nearer neighbour, counted in punctuation. Between two, the text
    decides: an ingredient is first, or an amount is.
    """
    found: dict[int, Amount] = {}
    if not amounts or not spans:
        return found
    trails = spans[0][0] < amounts[0].start
    for amount in amounts:
        inside = [at for at, (start, end) in enumerate(spans) if start <= amount.start < end]
        if inside:
            if amount.end <= spans[inside[0]][1]:
                found.setdefault(inside[0], amount)
            continue
        left = max((at for at, span in enumerate(spans) if span[1] <= amount.start), default=None)
        right = min((at for at, span in enumerate(spans) if span[0] >= amount.end), default=None)
        options = []
        if left is not None and left not in found:
            weight = _weigh(text[spans[left][1] : amount.start], after=True)
            options.append((weight, not known[left], not trails, left))
        if right is not None:
            weight = _weigh(text[amount.end : spans[right][0]], after=False)
            options.append((weight, not known[right], trails, right))
        if options and (best := min(options))[0] < _FAR:
            found.setdefault(best[3], amount)
    return found


def _weigh(gap: str, *, after: bool) -> int:
    """Return how far an amount is from a span, with the characters between them."""
    gap = _SHARE.sub("", gap)
    words = _GAP_WORD.findall(gap)
    allowed = ("x", "по", "х") if after else ("of", "the")
    if len(words) > _MOST_WORDS or "\n" in gap:
        return _FAR
    if not all(word in allowed or is_quality(word) for word in words):
        return _FAR
    marks = _MARKS.findall(gap)
    return sum(_WEIGHTS.get(mark, _FAR) for mark in marks)
