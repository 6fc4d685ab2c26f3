"""How an ingredient looks, for programs that draw drinks and fill shelves."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, Self

from suggester.groups import is_group_id

FORMS: Final = (
    *("liquid", "fizz", "syrup", "puree", "pieces"),
    *("scoop", "foam", "ice", "garnish", "dust"),
)
COLOUR: Final = re.compile("#[0-9a-f]{6}")


class Look(NamedTuple):
    """How an ingredient looks.

    Attributes:
        shelf: where a bar keeps it, such as `milk` or `spice`; in the form of a group's name.
        form: one of FORMS. `fizz` is a liquid with bubbles, and `dust` is no layer of a drink.
        colour: `#rrggbb`, in lower case.
    """

    shelf: str
    form: str
    colour: str

    @classmethod
    def from_json(cls, entry: Any) -> Self | None:
        """Return the look in a JSON object, or None if it is not one."""
        if not isinstance(entry, dict) or entry.keys() != set(cls._fields):
            return None
        look = cls(**entry)
        return None if look.problems() else look

    def problems(self) -> list[str]:
        """Say which of the values are wrong."""
        checks = {
            f"{self.shelf!r} cannot be a shelf; use lower-case letters, digits and '-'.": (
                is_group_id(self.shelf)
            ),
            f"unknown form {self.form!r}; use {', '.join(FORMS)}.": self.form in FORMS,
            f"{self.colour!r} is not a colour; write it as #8a5a3a.": (
                isinstance(self.colour, str) and COLOUR.fullmatch(self.colour) is not None
            ),
        }
        return [problem for problem, is_right in checks.items() if not is_right]
