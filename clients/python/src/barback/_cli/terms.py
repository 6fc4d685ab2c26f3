"""The service's messages in the terms of the command line."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from typing import Final

SHORTEST, LONGEST = 3, 5  # letters of a similar name, by which names can be listed
SIMILAR: Final = re.compile(r"'([^']+)' is not known; did you mean (.+?)\?")
FIELD: Final = re.compile(r"\b(?:body(?:\[\d+\])?|query)\.([a-z_]+)")
PLACE: Final = re.compile(r"\bbody(?:\[\d+\])?(?:\.|: )")
WHOLE: Final = re.compile(r"\bbody(?:\[\d+\])?: ")
IGNORE: Final = "; ignore_unknown=true leaves these out"
NO_PATH: Final = "There is nothing at this path; see /docs for all paths."
NO_SERVICE: Final = "There is no Barback service at this URL. Check --url, or BARBACK_URL."


def in_own_terms(text: str) -> str:
    """Return a message with commands and options instead of calls and fields."""
    text = text.replace("GET /api/ingredients?q=", f"`barback ingredients{_part(text)}`")
    text = text.replace("GET /api/groups", "`barback groups`").replace(NO_PATH, NO_SERVICE)
    text = text.replace("This Idempotency-Key was", "This --idempotency-key was")
    text = text.replace("?webhook=https://…", "--webhook https://…")
    text = text.replace(IGNORE, "; --ignore-unknown leaves these out")
    text = WHOLE.sub("", text)
    return FIELD.sub(lambda found: "--" + found[1].replace("_", "-"), text)


def _part(text: str) -> str:
    """Return the letters with which the name begins that is meant by an unknown one, if any."""
    found = SIMILAR.search(text)
    names = [name for name in found[2].split(" or ") if ":" not in name] if found else []
    if not (found and names):
        return ""
    same = list(takewhile(lambda pair: pair[0] == pair[1], zip(found[1], names[0], strict=False)))
    return " " + shlex.quote(names[0][: min(max(len(same), SHORTEST), LONGEST)].strip())


def in_terms_of_a_line(text: str) -> str:
    """Return a message about a line of a file, which has fields but no options."""
    return in_own_terms(PLACE.sub("", text.replace(IGNORE, "")))


def in_terms_of_a_tool(text: str) -> str:
    """Return a message for an agent, which has tools and their parameters."""
    text = text.replace("GET /api/ingredients?q=", "The tool `ingredients`")
    text = text.replace(NO_PATH, NO_SERVICE)
    return PLACE.sub("", text.replace("GET /api/groups", "The tool `groups`"))
