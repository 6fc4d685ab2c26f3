"""Runs sam, after a check of what it needs."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.ci.lambda_python import find_folder
from infra.deploy.errors import DeployError, SamFailed
from infra.deploy.stages import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SAM: Final = ROOT / ".venv-sam/bin/sam"
ENGINES: Final = ("docker", "finch")  # sam uses the first one that runs
ENGINE_TIMEOUT: Final = 30.0  # seconds


def sam_environment(
    python: str, region: str, environment: Mapping[str, str], engines: Sequence[str] = ENGINES
) -> dict[str, str]:
    """Return the environment for sam: with the region, and with Lambda's Python first.

    Raises:
        DeployError: that Python is missing, or no container engine runs.
    """
    folder = find_folder(python, environment)
    if folder is None:
        raise DeployError(
            f"sam builds with {python} and its pip, and none that runs was found. Install it."
        )
    if not any(_answers(engine) for engine in engines):
        raise DeployError(
            "The worker is a container image, and no Docker engine runs here. Start one; "
            "`docker info` shows whether it runs."
        )
    path = os.pathsep.join([folder, environment.get("PATH", "")])
    return {**environment, "PATH": path, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def _answers(engine: str) -> bool:
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603 - the command is fixed
            [engine, "info"], capture_output=True, check=False, timeout=ENGINE_TIMEOUT
        )
        return done.returncode == 0
    return False


@dataclass(frozen=True)
class Sam:
    """Builds and deploys a stage.

    `overrides` replace those of samconfig.toml; without any, sam reads them there. `run` runs a
    command with an environment and returns its exit status.
    """

    stage: str
    overrides: Sequence[str]
    environment: Mapping[str, str]
    run: Callable[[Sequence[str], Mapping[str, str]], int]

    def build(self) -> None:
        """Build the functions and layers.

        Raises:
            SamFailed: the build failed or was interrupted.
        """
        self._call("build", "The build did not finish; nothing was deployed.")

    def deploy(self) -> None:
        """Create or update the stack, and wait until that is done.

        Raises:
            SamFailed: the deployment failed or was interrupted.
        """
        self._call(
            "deploy",
            "The deployment did not finish. If it was interrupted, CloudFormation may continue it; "
            'see "Rolling back" in docs/operating.md.',
        )

    def _call(self, command: str, failure: str) -> None:
        arguments = [str(SAM), command, "--config-env", self.stage]
        if self.overrides:
            arguments += ["--parameter-overrides", *self.overrides]
        if status := self.run(arguments, self.environment):
            raise SamFailed(failure, status)
