"""Reads the settings of a stage from samconfig.toml, as sam does."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.deploy.errors import DeployError

ROOT: Final = Path(__file__).parents[2]
SAMCONFIG: Final = ROOT / "samconfig.toml"
STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


@dataclass(frozen=True)
class Stage:
    """The section of a stage.

    `overrides` are arguments of `--parameter-overrides`. Without a region or a profile, those of
    the environment are used.
    """

    name: str
    stack_name: str
    overrides: tuple[str, ...] = ()
    region: str | None = None
    profile: str | None = None

    def sets(self, parameter: str) -> bool:
        """Whether the section sets the parameter."""
        pattern = rf"(?<!\w){re.escape(parameter)}[\"']?[=,]"
        return any(re.search(pattern, argument) for argument in self.overrides)


def read_stage(name: str, path: Path = SAMCONFIG) -> Stage:
    """Return a stage.

    Raises:
        DeployError: the file has no such stage, or is not valid.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DeployError(f"{path.name} is not valid: {error}") from error
    stages = {
        section: settings
        for section in document
        if "stack_name" in (settings := _settings(document, section))
    }
    if name not in stages:
        raise DeployError(
            f"{path.name} has no stage with the name {name!r}. Use STAGE= with one of: "
            f"{', '.join(sorted(stages))}."
        )
    return _stage(name, stages[name])


def _settings(document: dict[str, Any], section: str) -> dict[str, Any]:
    """Return the settings with which sam deploys the section."""
    commands = document[section]
    if not isinstance(commands, dict):
        return {}
    merged: dict[str, Any] = {}
    for command in ("global", "deploy"):
        merged |= commands.get(command, {}).get("parameters", {})
    return merged


def _stage(name: str, settings: dict[str, Any]) -> Stage:
    stack_name = settings["stack_name"]
    if not STACK_NAME.fullmatch(stack_name):
        raise DeployError(
            f"The stack name {stack_name!r} in samconfig.toml may contain only letters, digits "
            "and hyphens, and must begin with a letter."
        )
    return Stage(
        name=name,
        stack_name=stack_name,
        overrides=tuple(_arguments(settings.get("parameter_overrides", []))),
        region=settings.get("region"),
        profile=settings.get("profile"),
    )


def _arguments(overrides: Any) -> list[str]:
    """Return the overrides, which TOML may hold as a string, a list or a table."""
    match overrides:
        case str():
            return [overrides]
        case list():
            return [argument for item in overrides for argument in _arguments(item)]
        case dict():
            return [f'{key}="{_quoted(value)}"' for key, value in overrides.items()]
    raise DeployError("parameter_overrides in samconfig.toml must be a string, a list or a table.")


def _quoted(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.replace('"', '\\"')
