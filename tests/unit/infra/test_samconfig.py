"""The stages of samconfig.toml."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from infra.deploy.stages import SAMCONFIG
from infra.local.template import read_template

CONFIG: dict[str, Any] = tomllib.loads(SAMCONFIG.read_text("utf-8"))
PARAMETERS = read_template()["Parameters"]


def overrides(stage: str) -> dict[str, str]:
    """Return the parameters that a stage sets."""
    text: str = CONFIG[stage]["global"]["parameters"]["parameter_overrides"]
    return {name: value for name, _, value in (item.partition("=") for item in text.split())}


def test_every_stage_is_built_with_a_cache_and_in_parallel() -> None:
    builds = [section.get("build") for section in CONFIG.values() if isinstance(section, dict)]
    assert builds == [{"parameters": {"cached": True, "parallel": True}}] * 3


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_template_accepts_the_values_of_a_stage(stage: str) -> None:
    found = overrides(stage)
    assert found["Stage"] == stage
    for name, value in found.items():
        allowed = PARAMETERS[name].get("AllowedValues")
        assert allowed is None or value in map(str, allowed)


def test_production_is_protected_logged_and_deployed_step_by_step() -> None:
    found = overrides("prod")
    for name in ("DeletionProtection", "PointInTimeRecovery", "AccessLogs"):
        assert found[name] == "true"
    assert found["DeploymentPreference"].startswith("Canary")
    assert int(found["LogRetentionDays"]) > PARAMETERS["LogRetentionDays"]["Default"]
