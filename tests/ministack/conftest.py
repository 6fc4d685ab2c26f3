"""MiniStack with all of its services, IAM included, and the template's stack on it.

With a Docker engine, the functions are those of `sam build`, in containers. Without one, they are
those of this checkout, in processes.
"""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
import httpx2
import pytest

from infra.emulated.environment import emulator_environment
from infra.emulated.ministack import running_ministack
from infra.local.network import LOOPBACK, docker_gateway
from infra.local.template import read_template, resources_of
from tests.ministack.limits import TLS_ONLY, deployable, without
from tests.ministack.packages import BUILT, Artifacts, built, checkout
from tests.ministack.stack import LIMIT, Stack, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.template import JsonObject

# All services; policies of IAM and of resources authorize each call.
SETTINGS: Final = {"SERVICES": "", "AUTH": "true"}


def docker_host() -> str | None:
    """Return the address of the Docker engine, or nothing if none answers."""
    docker = shutil.which("docker")
    if docker is None:
        return None
    if subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        return None
    context = [docker, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    return subprocess.run(context, capture_output=True, check=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Account:
    """An account at MiniStack, which this process's environment selects."""

    endpoint: str
    artifacts: Artifacts


@contextmanager
def running_account(engine: str | None = None) -> Iterator[Account]:
    """Run MiniStack with all services, and with functions in containers if there is an engine."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = {**SETTINGS, "TMPDIR": folder}
        if engine:
            settings |= {"DOCKER_HOST": engine, "LAMBDA_EXECUTOR": "docker"}
        with (
            running_ministack(for_containers=bool(engine), settings=settings) as url,
            emulator_environment() as environ,
        ):
            # This address reaches MiniStack from a container, and from here.
            host = (docker_gateway() if engine else None) or LOOPBACK
            port = urlsplit(url).port
            endpoint = environ["AWS_ENDPOINT_URL"] = f"http://{host}:{port}"
            yield Account(endpoint, Artifacts(boto3.client("s3"), endpoint))
    if engine:
        assert not containers_of(port), "MiniStack left containers"


def containers_of(port: int | None) -> str:
    """Return the ids of the containers of the functions of the MiniStack with this port."""
    label = f"label=ministack.instance={socket.gethostname()}:{port}"
    command = ["docker", "ps", "--all", "--quiet", "--filter", label]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


class Service:
    """The deployed service, as a caller and an operator see it."""

    def __init__(self, stack: Stack, endpoint: str, *, runs_in_containers: bool) -> None:
        self.runs_in_containers = runs_in_containers
        self.outputs = stack.outputs()
        self.resources = stack.resources()
        url = urlsplit(self.outputs["ApiUrl"])
        gateway = (url.hostname or "").partition(".")[0]
        self._url = f"{endpoint}/restapis/{gateway}/{url.path.strip('/')}/_user_request_"
        self.anonymous = httpx2.Client(base_url=self._url, timeout=LIMIT)
        self.caller = self.caller_with(self.outputs["ApiKeyId"])

    def is_healthy(self) -> bool:
        return self.anonymous.get("/api/health").is_success

    def caller_with(self, key_id: str) -> httpx2.Client:
        """Return a caller with this API key."""
        gateway: Any = boto3.client("apigateway")
        key = gateway.get_api_key(apiKey=key_id, includeValue=True)["value"]
        return httpx2.Client(base_url=self._url, timeout=LIMIT, headers={"x-api-key": key})

    def print_logs(self) -> None:
        """Print the functions' logs, which pytest shows if a test failed."""
        logs: Any = boto3.client("logs")
        for group in [name for key, name in self.resources.items() if key.endswith("Logs")]:
            for event in logs.filter_log_events(logGroupName=group)["events"]:
                print(group.rpartition("/")[2], event["message"].rstrip())

    def close(self) -> None:
        self.anonymous.close()
        self.caller.close()


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """Return an empty account, in which no function runs."""
    with running_account() as account:
        yield account


def accept_local_webhooks(template: JsonObject) -> None:
    """Let the functions deliver results to receivers on this machine."""
    functions = resources_of(template, "AWS::Lambda::Function")
    for name in ("ApiFunction", "WebhookFunction"):
        functions[name]["Properties"]["Environment"]["Variables"]["LOCAL_WEBHOOKS"] = "true"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Deploy the template, and return the service once it answers."""
    engine = docker_host()
    assert not engine or BUILT.exists(), "run `make build`"
    if not engine:
        print("There is no Docker engine: the functions run in processes, from this checkout.")
    with running_account(engine) as account, ExitStack() as closing:
        fewest = read_template()["Parameters"]["MaximumConcurrency"]["MinValue"]
        parameters = {
            "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
            "EndpointUrl": account.endpoint,
            "MaximumConcurrency": str(fewest),
        }
        template = (built if engine else checkout)(account.artifacts, parameters)
        stack = Stack("barback", account.artifacts)
        accept_local_webhooks(template)
        result = stack.deploy(without(deployable(template, parameters), TLS_ONLY), parameters)
        assert result.status == "CREATE_COMPLETE", result.failures
        service = Service(stack, account.endpoint, runs_in_containers=bool(engine))
        closing.callback(service.close)
        closing.callback(service.print_logs)
        wait_for(service.is_healthy, bool, "the API")
        yield service
