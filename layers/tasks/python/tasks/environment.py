"""Reads settings from environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_text(environ: Mapping[str, str], name: str) -> str:
    """Return the value of a variable.

    Raises:
        SettingsInvalid: the variable is not set, or is empty.
    """
    if not (value := environ.get(name)):
        raise SettingsInvalid(f"Set the environment variable {name}; template.yaml shows how.")
    return value


def read_seconds(environ: Mapping[str, str], name: str) -> int:
    """Return the value of a variable that holds a positive whole number of seconds.

    Raises:
        SettingsInvalid: the variable is not set, or is not such a number.
    """
    value = read_text(environ, name)
    if not (value.isascii() and value.isdecimal()) or int(value) == 0:
        raise SettingsInvalid(f"Set {name} to a positive whole number of seconds, not {value!r}.")
    return int(value)
