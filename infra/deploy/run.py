"""The order of a deployment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.ci import sbom
from infra.deploy.account import Target, account_id
from infra.deploy.errors import DeployError, explain
from infra.deploy.images import prune_images
from infra.deploy.quota import RULES, adjust, unreserved_executions
from infra.deploy.sam import Sam
from infra.deploy.stack import find_stack, require_updatable
from infra.deploy.versions import prune_versions
from infra.local.template import read_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infra.deploy.account import Clients
    from infra.deploy.stages import Stage

BILL_OF_MATERIALS: Final = Path("build/sbom")
FUNCTION: Final = "AWS::Lambda::Function"


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    architecture: str | None = None
    keep_versions: int = 2


@dataclass(frozen=True)
class Tools:
    """What a deployment uses outside of AWS.

    `run` runs a command with the environment and returns its exit status; `echo` prints a line.
    """

    environment: Mapping[str, str]
    run: Callable[[Sequence[str], Mapping[str, str]], int]
    echo: Callable[[str], None]
    write_sbom: Callable[[], None] = lambda: sbom.main(BILL_OF_MATERIALS)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def deploy(stage: Stage, region: str, clients: Clients, tools: Tools, options: Options) -> None:
    """Check the configuration, build, deploy, delete old versions, and print the stack's URL.

    Raises:
        DeployError: the deployment stopped; the message says what to do.
    """
    target = Target(stage, region, account_id(clients.sts))
    tools.echo(f"Deploying {stage.stack_name} to account {target.account} in {region}.")
    sam = Sam(stage.name, _overrides(target, clients, tools, options), tools.environment, tools.run)
    sam.build()
    tools.write_sbom()
    sam.deploy()
    _clean_up(stage.stack_name, clients, tools, options.keep_versions)
    tools.echo(_access(target, clients))


def _overrides(target: Target, clients: Clients, tools: Tools, options: Options) -> list[str]:
    """Return the arguments of `--parameter-overrides`; none if samconfig.toml has them all.

    sam uses the last value of a parameter.
    """
    stack = find_stack(clients.cloudformation, target.stage.stack_name)
    require_updatable(stack, target)
    parameters = read_template()["Parameters"]
    defaults = {name: int(parameters[name]["Default"]) for name in RULES}
    adjustment = adjust(unreserved_executions(clients.lambda_), defaults, stack, target)
    if adjustment.explanation:
        tools.echo(adjustment.explanation)
    chosen = [f"Architecture={options.architecture}"] if options.architecture else []
    if not adjustment.parameters and not chosen:
        return []
    return [*adjustment.arguments, *target.stage.overrides, *chosen]


def _clean_up(stack_name: str, clients: Clients, tools: Tools, keep: int) -> None:
    """Delete old versions and images; the stack is deployed, so errors are warnings."""
    try:
        functions = _functions(clients.cloudformation, stack_name)
    except (BotoCoreError, ClientError) as error:
        tools.echo(f"Warning: old versions and images were not deleted. {explain(error)}")
        return
    prune_versions(clients.lambda_, functions, keep, tools.echo)
    prune_images(clients.lambda_, clients.ecr, stack_name, functions, tools.now(), tools.echo)


def _functions(cloudformation: Any, stack_name: str) -> list[str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    return [
        resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == FUNCTION
    ]


def _access(target: Target, clients: Clients) -> str:
    """Return how to call the API. The key is a secret, so only the command that reads it."""
    try:
        stack = find_stack(clients.cloudformation, target.stage.stack_name)
    except DeployError as error:
        return f"Warning: the URL of the API could not be read. {error}"
    outputs = stack.outputs if stack else {}
    command = target.cli(
        f"apigateway get-api-key --api-key {outputs.get('ApiKeyId')} --include-value "
        "--query value --output text"
    )
    return (
        f"The API: {outputs.get('ApiUrl')}\n"
        f"Callers send a key as x-api-key. This command prints the first key:\n  {command}"
    )
