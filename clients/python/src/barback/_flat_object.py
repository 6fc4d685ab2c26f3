"""Reads JSON objects into dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class FlatObject:
    """A JSON object whose fields are plain values with the names of the dataclass's fields."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Read the object; a missing field has its default."""
        return cls(**{field.name: body[field.name] for field in fields(cls) if field.name in body})

    @classmethod
    def from_optional_json(cls, body: Mapping[str, Any] | None) -> Self | None:
        """Read the object, or return None for null."""
        return None if body is None else cls.from_json(body)
