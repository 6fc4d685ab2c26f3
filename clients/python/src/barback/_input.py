"""An input of any kind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from barback._drink import Drink, checked_kind, union

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_DEPTH: Final = 100  # more than the service accepts, and less than breaks a resume file
DELIVERY: Final = ("kind", "priority", "deadline_seconds", "metadata")


@dataclass(frozen=True, slots=True)
class Input:
    """An input of any kind. The service refuses fields that the kind does not have.

    Args:
        kind: a kind, or several kinds, which share the fields.
        fields: the fields of the kind, as JSON values; for example `{"ingredients": ["milk"]}`.
        priority: `bulk` inputs wait in a queue of their own, behind `interactive` ones.
        deadline_seconds: the task fails if it is not finished by then.
        metadata: up to 16 texts of your own, which the result repeats.

    Raises:
        TypeError: `kind` is not a string or a list of strings.
        ValueError: a field is not JSON, or has the name of another argument.
    """

    kind: str | Sequence[str]
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)
    priority: Literal["interactive", "bulk"] | None = None
    deadline_seconds: int | None = None
    metadata: Mapping[str, str] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", checked_kind(self.kind))
        copies = {name: _copy(name, value) for name, value in self.fields.items()}
        object.__setattr__(self, "fields", copies)
        if self.metadata is not None:
            object.__setattr__(self, "metadata", dict(self.metadata))

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Input:
        """Read the JSON object for the service."""
        own = {name: body[name] for name in DELIVERY if name in body}
        return cls(fields={n: v for n, v in body.items() if n not in own}, **own)

    def with_defaults(self, defaults: Drink) -> Input:
        """Return this input with the values of `defaults` for fields that are missing or None.

        Exclusions add up, as those of a drink.

        Raises:
            ValueError: exclusions cannot be added to a field `exclude` that is not a list.
        """
        own = self.to_json()
        given = {n: v for n, v in defaults.to_json().items() if n != "ingredients"}
        missing = {n: v for n, v in given.items() if own.get(n) is None}
        if "exclude" in given and own.get("exclude") is not None:
            if not isinstance(own["exclude"], list):
                raise ValueError("Give exclude as a list of names, to which others can be added.")
            missing["exclude"] = union(given["exclude"], own["exclude"])
        return Input.from_json({**own, **missing})

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object for the service."""
        delivery = {
            "priority": self.priority,
            "deadline_seconds": self.deadline_seconds,
            "metadata": self.metadata,
        }
        kind = self.kind if isinstance(self.kind, str) else list(self.kind)
        given = {name: value for name, value in delivery.items() if value is not None}
        return {"kind": kind, **self.fields, **given}


AnyInput: TypeAlias = Drink | Input


def to_record(found: AnyInput) -> dict[str, Any]:
    """Return a JSON object from which `from_record` reads the same drink or input."""
    return {"input": found.to_json()} if isinstance(found, Input) else found.to_json()


def from_record(record: Mapping[str, Any]) -> AnyInput:
    """Read a drink or an input."""
    return Input.from_json(record["input"]) if "input" in record else Drink(**record)


def _copy(name: Any, value: Any) -> Any:
    """Return a copy, so that the fields survive when the caller changes its values."""
    if name in DELIVERY or not isinstance(name, str):
        raise ValueError(f"An input has no field {name!r}. Give {', '.join(DELIVERY)} separately.")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"The field {name} is not JSON ({error}). Use strings, numbers, booleans, None, and"
            " lists and dicts of them."
        ) from error
    if _is_deep(value, MAX_DEPTH):
        raise ValueError(f"The field {name} is nested too deeply.")
    return json.loads(text)


def _is_deep(value: Any, levels: int) -> bool:
    """Whether a value has more levels of lists and dicts."""
    is_dict = isinstance(value, dict)
    inner = value.values() if is_dict else value if isinstance(value, list | tuple) else None
    if inner is None:
        return False
    return levels == 0 or any(_is_deep(each, levels - 1) for each in inner)
