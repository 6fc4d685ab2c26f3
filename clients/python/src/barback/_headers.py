"""Values of HTTP headers."""

from __future__ import annotations


def check_header(name: str, value: str) -> None:
    """Check that a header can carry the value. The message omits the value: it may be secret.

    Raises:
        ValueError: the value has a line break or a character outside ASCII.
    """
    if not (value.isascii() and (value.isprintable() or not value)):
        raise ValueError(
            f"The {name} may have printable ASCII characters only. Check it for line breaks."
        )
