"""Where `make deploy` deploys: the stage in samconfig.toml, the region, and the credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    LoginRefreshRequired,
    MissingDependencyException,
    NoCredentialsError,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)

from infra.deploy.account import Target, account_id, open_clients, open_session
from infra.deploy.errors import DeployError, explain
from infra.deploy.stages import Stage, read_stage

if TYPE_CHECKING:
    from pathlib import Path

STAGE = Stage("dev", "barback-dev")
SETTINGS = """
version = 0.1
[default.build.parameters]
cached = true
[dev.global.parameters]
stack_name = "barback-dev"
parameter_overrides = "Stage=dev Architecture=x86_64"
region = "eu-west-1"
[prod.deploy.parameters]
stack_name = "barback-prod"
profile = "company"
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Start without any setting of AWS; return the file to which `aws configure` writes."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path / ".aws/config"


@pytest.fixture
def samconfig(tmp_path: Path) -> Path:
    path = tmp_path / "samconfig.toml"
    path.write_text(SETTINGS)
    return path


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "secret"}}, "GetCallerIdentity")


def test_a_stage_has_the_settings_with_which_sam_deploys_it(samconfig: Path) -> None:
    """Those of the section `deploy` replace those of `global`."""
    overrides = ("Stage=dev Architecture=x86_64",)
    assert read_stage("dev", samconfig) == Stage("dev", "barback-dev", overrides, "eu-west-1")
    assert read_stage("prod", samconfig) == Stage("prod", "barback-prod", profile="company")


@pytest.mark.parametrize("name", ["default", "version", "staging", "--help", ""])
def test_an_unknown_stage_is_refused_with_the_known_ones(samconfig: Path, name: str) -> None:
    with pytest.raises(DeployError, match=r"Use STAGE= with one of: dev, prod\.$"):
        read_stage(name, samconfig)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[dev", "samconfig.toml is not valid"),
        ('dev.global.parameters.stack_name = "my_stack"', "letters, digits and hyphens"),
        (
            'dev.global.parameters = {stack_name = "a", parameter_overrides = 1}',
            "must be a string, a list or a table",
        ),
    ],
)
def test_an_invalid_file_is_refused(samconfig: Path, content: str, reason: str) -> None:
    samconfig.write_text(content)
    with pytest.raises(DeployError, match=reason):
        read_stage("dev", samconfig)


@pytest.mark.parametrize(
    ("toml", "arguments"),
    [
        ('"A=1 B=2"', ("A=1 B=2",)),
        ('["A=1", ["B=2"]]', ("A=1", "B=2")),
        ('{A = 1, B = "two words", C = ["x", "y"]}', ('A="1"', 'B="two words"', 'C="x,y"')),
        ("{A = 'a \"quote\"'}", ('A="a \\"quote\\""',)),
    ],
)
def test_overrides_may_be_a_string_a_list_or_a_table(
    samconfig: Path, toml: str, arguments: tuple[str, ...]
) -> None:
    """Sam accepts all three."""
    samconfig.write_text(f'[a.global.parameters]\nstack_name="a"\nparameter_overrides={toml}')
    assert read_stage("a", samconfig).overrides == arguments


@pytest.mark.parametrize(
    ("overrides", "is_set"),
    [
        ("Stage=dev MaximumConcurrency=4", True),
        ("ParameterKey=MaximumConcurrency,ParameterValue=4", True),
        ('"MaximumConcurrency"=4', True),
        ("Stage=dev NotMaximumConcurrency=4", False),
        ("MaximumConcurrencyOfOthers=4", False),
        ("Stage=MaximumConcurrency", False),
    ],
)
def test_a_parameter_in_samconfig_is_recognised(overrides: str, *, is_set: bool) -> None:
    assert Stage("dev", "a", (overrides,)).sets("MaximumConcurrency") is is_set


def set_everything(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Set a region in each place; return the places, from the strongest to the weakest."""
    home.write_text("[profile mine]\nregion = eu-south-1\n[default]\nregion = eu-south-2\n")
    places = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-2"),
        ("AWS_PROFILE", "mine"),
    ]
    for name, value in places:
        monkeypatch.setenv(name, value)
    return places


def test_the_region_is_the_one_that_the_sdks_of_aws_use(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_REGION, AWS_DEFAULT_REGION, the profile, and the default profile, in this order."""
    places = set_everything(home, monkeypatch)
    found = []
    for name, _ in places:
        found.append(open_session(STAGE).region_name)
        monkeypatch.delenv(name)
    assert found == ["eu-west-1", "eu-west-2", "eu-south-1"]
    assert open_session(STAGE).region_name == "eu-south-2"


def test_the_region_and_profile_of_the_stage_come_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sam uses them too."""
    set_everything(home, monkeypatch)
    assert open_session(Stage("a", "a", region="sa-east-1")).region_name == "sa-east-1"
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_PROFILE")
    assert open_session(Stage("a", "a", profile="mine")).region_name == "eu-south-1"


def test_another_configuration_file_may_name_the_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").write_text("[default]\nregion = ap-south-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "other"))
    assert open_session(STAGE).region_name == "ap-south-1"


@pytest.mark.parametrize(
    ("variables", "config", "reason"),
    [
        ({}, "", "No AWS region is configured. Set AWS_REGION"),
        ({"AWS_REGION": ""}, "", "No AWS region is configured."),
        ({"AWS_PROFILE": "nope"}, "", r"profile \(nope\) could not be found. Set AWS_PROFILE"),
        ({"AWS_REGION": "eu west"}, "", "Set AWS_REGION to one such as eu-central-1."),
        ({"AWS_REGION": "eu-west-1"}, "broken", r"cannot be read \(ConfigParseError\)"),
    ],
)
def test_a_deployment_without_a_valid_region_stops(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    config: str,
    reason: str,
) -> None:
    home.write_text(config)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DeployError, match=reason):
        open_clients(open_session(STAGE))


def test_a_deployment_without_credentials_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    clients = open_clients(open_session(STAGE))
    with pytest.raises(DeployError, match=r"There are no AWS credentials\. Set some with"):
        account_id(clients.sts)


class FailingSts:
    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def get_caller_identity(self) -> Any:
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "advice"),
    [
        (error("ExpiredToken"), "have expired. Sign in again"),
        (error("InvalidClientTokenId"), r"rejects the credentials \(InvalidClientTokenId\)"),
        (error("AccessDenied"), "do not permit GetCallerIdentity. Add it to"),
        (error("Throttling"), r"\(Throttling\). Try again in a minute."),
        (NoCredentialsError(), "There are no AWS credentials."),
        (SSOTokenLoadError(error_msg="x"), "has expired. Sign in again"),
        (UnauthorizedSSOTokenError(), "has expired. Sign in again"),
        (LoginRefreshRequired(), "has expired. Sign in again"),
        (MissingDependencyException(msg="x"), "aws configure export-credentials --format env"),
        (EndpointConnectionError(endpoint_url="https://sts"), "Check the network, and that the"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_problem_with_credentials_is_a_sentence_with_advice(
    failure: Exception, advice: str
) -> None:
    with pytest.raises(DeployError, match=advice):
        account_id(FailingSts(failure))


@pytest.mark.parametrize(
    "failure",
    [
        error("SignatureDoesNotMatch"),
        error("ExpiredToken"),
        CredentialRetrievalError(provider="custom-process", error_msg="secret"),
    ],
    ids=["signature", "token", "process"],
)
def test_no_message_repeats_what_may_contain_a_secret(failure: Any) -> None:
    """A program that prints credentials may print them in its error."""
    assert "secret" not in explain(failure)


def test_printed_commands_are_for_the_same_region_and_profile() -> None:
    stage = Stage("prod", "barback-prod", profile="it's mine")
    assert Target(stage, "eu-west-1", "1").cli("x") == (
        "aws x --region eu-west-1 --profile 'it'\"'\"'s mine'"
    )
    assert Target(STAGE, "eu-west-1", "1").cli("x") == "aws x --region eu-west-1"
