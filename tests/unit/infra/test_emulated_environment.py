"""Nothing in the shell or in ~/.aws changes what clients of an emulator do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import pytest

from infra.emulated.environment import emulator_environment, for_emulator
from infra.emulated.sam import container_environment

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "http://127.0.0.1:4000"
CONFIGURATIONS = {
    "an endpoint": "[default]\nendpoint_url = http://127.0.0.1:1",
    "no endpoints": "[default]\nignore_configured_endpoint_urls = true",
    "certified endpoints": "[default]\nuse_fips_endpoint = true",
    "a services section": (
        "[default]\nservices = mine\n[services mine]\nsqs =\n  endpoint_url = http://127.0.0.1:1"
    ),
    "a process for credentials": "[default]\ncredential_process = false",
    "a region": "[default]\nregion = eu-west-1",
    "a profile": "[profile mine]\nendpoint_url = http://127.0.0.1:1",
    "a broken file": "endpoint_url",
}


@pytest.fixture(params=CONFIGURATIONS.values(), ids=list(CONFIGURATIONS))
def developer(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set up the home folder and the shell of a developer with such a configuration."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text(request.param)
    (folder / "credentials").write_text("[default]\naws_access_key_id = real")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_PROFILE", "mine")


@pytest.mark.usefixtures("developer")
def test_a_client_ignores_the_files_of_the_developer() -> None:
    """It calls the emulator, with the emulator's credentials and region."""
    with emulator_environment() as environ:
        environ["AWS_ENDPOINT_URL"] = ENDPOINT
        url = boto3.client("sqs").generate_presigned_url("list_queues")
    assert url.startswith(f"{ENDPOINT}/")
    assert "=local%2F" in url
    assert "%2Fus-east-1%2Fsqs%2F" in url


def test_a_client_ignores_files_that_an_older_session_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3 keeps its default session, and the session keeps the files."""
    config = tmp_path / "config"
    config.write_text("[default]\nignore_configured_endpoint_urls = true\nregion = eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    assert ENDPOINT not in boto3.client("sqs").meta.endpoint_url
    with emulator_environment() as environ:
        environ["AWS_ENDPOINT_URL"] = ENDPOINT
        assert boto3.client("sqs").meta.endpoint_url == ENDPOINT


def test_only_endpoints_are_taken_from_the_shell() -> None:
    shell = {
        "AWS_ENDPOINT_URL_SQS": ENDPOINT,
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "NO_PROXY": "example.com",
        "HOME": "/home/me",
    }
    changed = for_emulator(shell)
    assert changed["AWS_ENDPOINT_URL_SQS"] == ENDPOINT
    assert "real" not in changed.values()
    assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" not in changed
    assert changed["NO_PROXY"] == "example.com,127.0.0.1,localhost"
    assert changed["HOME"] == "/home/me"


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    before, session = dict(os.environ), boto3.DEFAULT_SESSION
    with emulator_environment():
        assert "AWS_PROFILE" not in os.environ
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is session


def test_a_container_gets_urls_that_it_can_reach() -> None:
    """Only URLs of this machine change."""
    variables = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4000",
        "TASK_QUEUE_URL": "http://localhost:4000/1/TaskQueue",
        "TABLE_NAME": "TaskTable",
        "ELSEWHERE": "http://example.com:80/",
    }
    assert container_environment(variables, "172.17.0.1") == variables | {
        "AWS_ENDPOINT_URL": "http://172.17.0.1:4000",
        "TASK_QUEUE_URL": "http://172.17.0.1:4000/1/TaskQueue",
    }
