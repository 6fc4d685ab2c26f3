"""The gateway in the transformed template: what it refuses itself, and what it passes on."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from barback import Retries

from functions.api.problems import PROBLEMS
from infra.local.template import read_template
from infra.transform import transform

ROOT: Final = Path(__file__).parents[2]
ANY: Final = "x-amazon-apigateway-any-method"
NAMES: Final = (
    "MISSING_AUTHENTICATION_TOKEN",  # also of a path without a resource
    "INVALID_API_KEY",
    "THROTTLED",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
)
every_response: Final = pytest.mark.parametrize("name", NAMES)


@cache
def gateway() -> dict[str, Any]:
    properties: dict[str, Any] = transform(read_template())["Resources"]["Gateway"]["Properties"]
    return properties


def responses() -> dict[str, Any]:
    found: dict[str, Any] = gateway()["Body"]["x-amazon-apigateway-gateway-responses"]
    return found


def security() -> dict[str, dict[str, Any]]:
    """Return the security of each method by path."""
    return {
        path: {name: method.get("security") for name, method in methods.items()}
        for path, methods in gateway()["Body"]["paths"].items()
    }


def headers_of(name: str) -> dict[str, Any]:
    start = "gatewayresponse.header."
    return {
        key.removeprefix(start): v for key, v in responses()[name]["responseParameters"].items()
    }


def problem_of(name: str) -> dict[str, Any]:
    problem: dict[str, Any] = json.loads(responses()[name]["responseTemplates"]["application/json"])
    return problem


def test_every_refusal_of_the_gateway_is_a_problem() -> None:
    """Those with a meaning of their own have a response; the defaults cover all others."""
    assert responses().keys() == set(NAMES)


@every_response
def test_a_problem_of_the_gateway_has_its_type_and_status(name: str) -> None:
    """Types that the function has too have the same status and title there."""
    problem = problem_of(name)
    slug = problem["type"].removeprefix("urn:barback:problem:")
    assert str(problem["status"]) == responses()[name]["statusCode"]
    assert headers_of(name)["Content-Type"] == "'application/problem+json'"
    status, title, _ = PROBLEMS.get(slug, (problem["status"], problem["title"], ""))
    assert (problem["status"], problem["title"]) == (status, title)
    assert f"| {status} | `{slug}` |" in (ROOT / "docs/api.md").read_text("utf-8")


@every_response
def test_a_temporary_refusal_says_when_to_ask_again(name: str) -> None:
    is_temporary = responses()[name]["statusCode"] in ("429", "503")
    assert ("Retry-After" in headers_of(name)) == is_temporary


def test_no_client_retries_when_the_quota_is_exceeded() -> None:
    """The quota lasts until midnight, and the client waits for a shorter time."""
    retry_after = headers_of("QUOTA_EXCEEDED")["Retry-After"].strip("'")
    assert Retries().delay(1, float(retry_after)) is None
    assert problem_of("QUOTA_EXCEEDED")["type"] != problem_of("THROTTLED")["type"]


@every_response
def test_a_page_of_another_origin_may_read_a_refusal(name: str) -> None:
    """Only if the operator allows other origins at all."""
    headers = headers_of(name)
    nothing = {"Ref": "AWS::NoValue"}
    allowed = headers["Access-Control-Allow-Origin"]
    assert allowed == {"Fn::If": ["HasOrigins", "'*'", nothing]}
    exposed = headers.get("Access-Control-Expose-Headers")
    expected = {"Fn::If": ["HasOrigins", "'Retry-After'", nothing]}
    assert exposed == (expected if "Retry-After" in headers else None)


def test_every_path_passes_all_methods_on() -> None:
    """The function answers HEAD and preflights, and 405 where the gateway would answer 404."""
    assert all(ANY in methods for methods in security().values())


def test_a_resource_has_no_parameter_but_proxy() -> None:
    """The adapter finds the prefix of a URL with it."""
    parameters = {found for path in security() for found in re.findall(r"\{.*?\}", path)}
    assert parameters == {"{proxy+}"}


def test_a_preflight_needs_no_key() -> None:
    """Browsers send none with it."""
    paths = {path: methods for path, methods in security().items() if path.startswith("/api/")}
    assert paths
    assert not [path for path, found in paths.items() if found.get("options", found[ANY]) != []]


def test_the_gateway_compresses_large_responses() -> None:
    """The scripts of the API reference are 1.7 MB; a response of one packet gains nothing."""
    assert 500 <= gateway()["MinimumCompressionSize"] <= 2000
