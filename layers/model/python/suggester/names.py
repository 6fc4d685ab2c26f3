"""The names of ingredients: the form that they may have, and the form in which they are compared.

`fold` in functions/api/site/static/names.js does the same on the page.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from suggester.requests import MAX_NAME

NAME_RULE: Final = f"a name must have 1 to {MAX_NAME} characters and no control characters"

# Control characters and lone surrogates come from a broken client. A terminal would obey the
# former, and the latter cannot be encoded.
_NAME: Final = re.compile(r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]+")

_HYPHENS: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SINGLE_QUOTES: Final = "`\u00b4\u02b9\u02bc\u2018\u2019\u201a\u201b\u2032\u2039\u203a\uff07"
_DOUBLE_QUOTES: Final = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\uff02"
_UNIFIED: Final = str.maketrans(
    {
        **dict.fromkeys(_HYPHENS, "-"),
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    }
)
# The code points with the property Default_Ignorable_Code_Point of Unicode: they are invisible.
_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# ASCII without the backtick, and Russian: most names, which need only case folding.
_PLAIN: Final = re.compile(r"[\u0000-_a-\u007f\u0401\u0410-\u044f\u0451]*")


def normalise(name: str) -> str:
    """Return the form in which names are compared.

    It is NFKC, case-folded, without invisible code points, with one kind of hyphen and of quotes,
    and with single spaces.
    """
    folded = name.casefold() if _PLAIN.fullmatch(name) else _fold(name)
    return " ".join(folded.split())


def _fold(name: str) -> str:
    # An invisible letter keeps an accent from its letter, so letters are composed at the end.
    letters = _INVISIBLE.sub("", unicodedata.normalize("NFKD", name.translate(_UNIFIED)))
    return unicodedata.normalize("NFKC", letters.casefold()).translate(_UNIFIED)


def is_name(name: Any) -> bool:
    """Whether a value has the form of a name. Invisible code points do not count."""
    if not isinstance(name, str):
        return False
    visible = _INVISIBLE.sub("", name).strip()
    return len(visible) <= MAX_NAME and _NAME.fullmatch(visible) is not None
