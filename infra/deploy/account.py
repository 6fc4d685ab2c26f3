"""Where a stage is deployed: the session, the region and the account."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from infra.deploy.errors import DeployError, translate_errors

if TYPE_CHECKING:
    from infra.deploy.stages import Stage

# A wrong region has no endpoint, and a person waits for the answer.
CONFIG: Final = Config(
    connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 6}
)


@dataclass(frozen=True)
class Clients:
    """The boto3 clients of a deployment."""

    sts: Any
    cloudformation: Any
    lambda_: Any
    ecr: Any


@dataclass(frozen=True)
class Target:
    """The stack of a stage in an account and a region."""

    stage: Stage
    region: str
    account: str

    def cli(self, command: str) -> str:
        """Return a command of the AWS CLI for this region and profile."""
        profile = self.stage.profile
        suffix = f" --profile {shlex.quote(profile)}" if profile else ""
        return f"aws {command} --region {self.region}{suffix}"


def open_session(stage: Stage) -> boto3.Session:
    """Return a session for the stage.

    The region is that of the stage in samconfig.toml, AWS_REGION, AWS_DEFAULT_REGION, or that of
    the profile, in this order. botocore does not read AWS_REGION.

    Raises:
        DeployError: there is no region or no such profile.
    """
    with translate_errors():
        session = boto3.Session(
            profile_name=stage.profile, region_name=stage.region or os.environ.get("AWS_REGION")
        )
        region = session.region_name
    if not region:
        raise DeployError(
            "No AWS region is configured. Set AWS_REGION, or set the region of a profile "
            "with `aws configure`."
        )
    return session


def open_clients(session: boto3.Session) -> Clients:
    """Return the clients of a session.

    Raises:
        DeployError: the session has no credentials, or no valid region.
    """
    with translate_errors():
        return Clients(
            sts=session.client("sts", config=CONFIG),
            cloudformation=session.client("cloudformation", config=CONFIG),
            lambda_=session.client("lambda", config=CONFIG),
            ecr=session.client("ecr", config=CONFIG),
        )


def account_id(sts: Any) -> str:
    """Return the id of the account that the credentials belong to.

    Raises:
        DeployError: there are no credentials, or AWS rejects them.
    """
    with translate_errors():
        account: str = sts.get_caller_identity()["Account"]
        return account
