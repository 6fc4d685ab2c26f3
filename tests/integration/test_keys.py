"""The command line for API keys, on moto: from the first key to a revoked one."""

from __future__ import annotations

import errno
import io
import json
import string
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest
from moto.core import set_initial_no_auth_action_count
from typer.testing import CliRunner, Result

from infra.keys.__main__ import cli

if TYPE_CHECKING:
    from tests.conftest import Emulator
    from tests.integration.conftest import Deployment

STACK = "barback-dev"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the settings of this machine."""
    for name in ("AWS_PROFILE", "AWS_REGION", "STAGE", "KEY_ID", "KEY_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def first_key(emulator: Emulator) -> str:
    """Deploy a stack with the outputs of the template, and return the id of its key.

    The CloudFormation of moto does not know keys and usage plans.
    """
    gateway = emulator.client("apigateway")
    key: str = gateway.create_api_key(name="first", enabled=True)["id"]
    plan = gateway.create_usage_plan(name=STACK)["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    deploy_outputs(emulator, {"ApiKeyId": key, "UsagePlanId": plan})
    return key


def deploy_outputs(emulator: Emulator, outputs: dict[str, str]) -> None:
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    emulator.client("cloudformation").create_stack(
        StackName=STACK, TemplateBody=json.dumps(template)
    )


def run(command: str, **variables: str) -> Result:
    """Run a command with the variables of make."""
    return CliRunner().invoke(cli, [command], env=dict(variables))


def succeed(command: str, **variables: str) -> Result:
    result = run(command, **variables)
    assert result.exit_code == 0, result.output
    return result


def new_key(result: Result) -> tuple[str, str]:
    """Return the id and the value of the key that a command created."""
    return result.stderr.split()[3], result.stdout.removesuffix("\n")


def is_enabled(emulator: Emulator, key_id: str) -> bool:
    enabled: bool = emulator.client("apigateway").get_api_key(apiKey=key_id)["enabled"]
    return enabled


@pytest.mark.usefixtures("first_key")
def test_a_rotated_key_reads_the_task_of_the_old_one(
    deployment: Deployment, emulator: Emulator
) -> None:
    old_id, old_value = new_key(succeed("add", KEY_NAME="ann"))
    old, stranger = (
        {"x-api-key": old_value},
        {"x-api-key": new_key(succeed("add", KEY_NAME="x"))[1]},
    )
    task = deployment.http("POST", "/api/process", {}, old).body[0]

    rotated = succeed("rotate", KEY_ID=old_id)
    new_id, new_value = new_key(rotated)
    assert deployment.result(task, **{"x-api-key": new_value}).status == 202
    assert deployment.result(task, **stranger).status == 404
    assert is_enabled(emulator, old_id)

    assert f"make revoke-key STAGE=dev KEY_ID={old_id}" in rotated.stderr
    succeed("revoke", KEY_ID=old_id)
    assert (is_enabled(emulator, old_id), is_enabled(emulator, new_id)) == (False, True)


def test_the_tasks_of_the_first_key_survive_its_rotation(
    deployment: Deployment, emulator: Emulator, first_key: str
) -> None:
    """API Gateway generated its value."""
    gateway = emulator.client("apigateway")
    value = gateway.get_api_key(apiKey=first_key, includeValue=True)["value"]
    task = deployment.http("POST", "/api/process", {}, {"x-api-key": value}).body[0]
    _, new_value = new_key(succeed("rotate", KEY_ID=first_key))
    assert deployment.result(task, **{"x-api-key": new_value}).status == 202


@pytest.mark.usefixtures("first_key")
def test_only_the_value_is_written_to_standard_output() -> None:
    """`make add-key > FILE` keeps it off the screen; it is shown once."""
    result = succeed("add", KEY_NAME="ann")
    _, value = new_key(result)
    assert len(value) == 87
    assert set(value) <= set(string.ascii_letters + string.digits)
    assert result.output.count(value) == 1
    assert value not in result.stderr


@pytest.mark.usefixtures("first_key")
def test_keys_are_listed_without_their_values() -> None:
    key_id, value = new_key(succeed("add", KEY_NAME="ann"))
    result = succeed("list")
    assert result.stdout.startswith("ID ")
    [line] = [line for line in result.stdout.splitlines() if line.startswith(key_id)]
    assert line.split()[1] == "enabled"
    assert line.endswith("  ann")
    assert value not in result.output


def test_a_revoked_key_is_not_shown_again(first_key: str) -> None:
    """A key that does not belong to the stack is deleted by a second command."""
    key_id, _ = new_key(succeed("add", KEY_NAME="ann"))
    assert succeed("revoke", KEY_ID=key_id).stderr.startswith(f"The key {key_id} is disabled")
    assert succeed("revoke", KEY_ID=key_id).stderr.startswith(f"The key {key_id} is deleted")
    listed = succeed("list").stdout
    assert first_key in listed
    assert key_id not in listed


def sentence(result: Result) -> str:
    """Return the only line of a failed command."""
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("barback: ")
    return line.removeprefix("barback: ")


def test_a_missing_stack_is_one_sentence(emulator: Emulator) -> None:
    del emulator
    assert sentence(run("list")) == (
        "There is no stack barback-dev in us-east-1: deploy it, or set AWS_REGION to the region of "
        "the stack."
    )


def test_a_stack_of_an_earlier_version_is_one_sentence(emulator: Emulator) -> None:
    """Its API would take a rotated key for a new owner."""
    deploy_outputs(emulator, {"ApiKeyId": "first"})
    assert sentence(run("rotate", KEY_ID="first")) == (
        "The stack barback-dev in us-east-1 is too old: deploy it again first."
    )


@pytest.mark.usefixtures("first_key")
@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_an_unknown_key_is_one_sentence(command: str) -> None:
    """It does not repeat what was typed, which may be the value of a key."""
    assert sentence(run(command, KEY_ID="hush-hush")) == (
        "barback-dev has no key with this ID: `make list-keys` shows the IDs of its keys."
    )


def test_an_unknown_stage_is_one_sentence() -> None:
    assert sentence(run("list", STAGE="qa")) == (
        "samconfig.toml has no stage with the name 'qa'. Use STAGE= with one of: dev, prod."
    )


def test_missing_credentials_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert sentence(run("list", AWS_REGION="us-east-1")) == (
        "There are no AWS credentials. Set some with `aws configure` or `aws configure sso`, or "
        "select a profile with AWS_PROFILE."
    )


@pytest.mark.parametrize("region", [None, ""])
def test_a_missing_region_is_one_sentence(region: str | None) -> None:
    """A variable may be empty."""
    variables = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    assert sentence(CliRunner().invoke(cli, ["list"], env=variables)) == (
        "No AWS region is configured. Set AWS_REGION, or set the region of a profile with "
        "`aws configure`."
    )


def test_the_region_may_be_set_as_for_the_aws_cli(emulator: Emulator) -> None:
    """boto3 itself does not read AWS_REGION."""
    del emulator
    assert "in eu-west-1" in sentence(run("list", AWS_REGION="eu-west-1"))


@pytest.mark.usefixtures("first_key")
def test_missing_permissions_are_one_sentence(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the missing permission."""
    iam = emulator.client("iam")
    iam.create_user(UserName="intern")
    key = iam.create_access_key(UserName="intern")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    deny: Any = set_initial_no_auth_action_count(0)
    result = deny(run)("add", KEY_NAME="ann")
    assert sentence(result) == (
        "The credentials do not permit DescribeStacks. Add it to their permissions."
    )


def test_a_missing_name_is_an_error_of_usage() -> None:
    """The message names the variable of make."""
    result = run("add")
    assert result.exit_code == 2
    assert "KEY_NAME" in result.stderr


class FullDisk(io.StringIO):
    """Standard output that is a file on a full disk."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("first_key")
def test_a_value_that_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The key exists, so the sentence says how to revoke it."""
    with redirect_stdout(FullDisk()), pytest.raises(SystemExit) as ended:
        cli(["add", "--key-name", "ann"])
    created, failed = capsys.readouterr().err.splitlines()
    command = f"make revoke-key STAGE=dev KEY_ID={created.split()[3]}"
    reason = "The value could not be written (No space left on device)"
    assert failed == f"barback: {reason}: run `{command}` and create another key."
    assert ended.value.code == 1
