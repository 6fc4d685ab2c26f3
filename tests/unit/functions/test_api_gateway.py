"""The URLs under which API Gateway serves the API, and the links that the API returns there."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from fastapi import FastAPI

from functions.api.adapter import Adapter
from infra.local.template import read_template, resources_of
from tests.unit.functions.conftest import Api

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message

FUNCTION: Final = resources_of(read_template(), "AWS::Serverless::Function")["ApiFunction"]
RESOURCES: Final = {
    event["Properties"]["Path"] for event in FUNCTION["Properties"]["Events"].values()
}


@dataclass(frozen=True)
class Deployment:
    """A base URL of the API, as API Gateway maps it.

    Attributes:
        base: the URL, without a slash at the end.
        hidden: the part of the URL's path that the gateway leaves out of `path`.
    """

    base: str
    hidden: str = ""
    is_sam_local: bool = False

    def event(self, method: str, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Return the event of a REST API's proxy integration for a request.

        The gateway adds a stage to the path of the context, and a base path of a custom domain to
        both paths. It ignores a slash at the end when it looks for the resource, and keeps it in
        both paths.
        """
        parts = urlsplit(url)
        assert url.startswith(self.base)
        resource, proxy = resource_of(url.removeprefix(self.base).partition("?")[0])
        query = parse_qs(parts.query, keep_blank_values=True)
        context_path = resource if self.is_sam_local else parts.path or "/"
        sent = {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme, **(headers or {})}
        return {
            "resource": resource,
            "path": parts.path.removeprefix(self.hidden) or "/",
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": {name: found[-1] for name, found in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "pathParameters": proxy and {"proxy": proxy},
            "stageVariables": None,
            "requestContext": {
                "resourceId": "abc123",
                "resourcePath": resource,
                "httpMethod": method,
                "path": context_path,
                "accountId": "123456789012",
                "protocol": "HTTP/1.1",
                "stage": "dev",
                "domainName": parts.netloc,
                "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
                "identity": {"sourceIp": "192.0.2.1", "userAgent": "test", "apiKey": None},
                "apiId": "abcdef1234",
            },
            "body": None,
            "isBase64Encoded": False,
        }


def resource_of(path: str) -> tuple[str, str | None]:
    """Return the resource of the template that the gateway chooses, and the value of `proxy`."""
    path = path.rstrip("/") or "/"
    if path in RESOURCES:
        return path, None
    [(resource, proxy)] = [
        (resource, path.removeprefix(start))
        for resource in RESOURCES
        if (start := resource.removesuffix("{proxy+}")) != resource and path.startswith(start)
    ]
    return resource, proxy


STAGE: Final = Deployment("https://abcdef1234.execute-api.us-east-1.amazonaws.com/dev", "/dev")
DOMAIN: Final = Deployment("https://api.example.com")
DEPLOYMENTS: Final = {
    "stage": STAGE,
    "domain": DOMAIN,
    "base path": Deployment("https://api.example.com/bar"),
    "base path like a resource": Deployment("https://api.example.com/api"),
    "nested base path": Deployment("https://api.example.com/bar/v1"),
    "base path and stage": Deployment("https://api.example.com/bar/dev"),
    "stage like a resource": Deployment(
        "https://x.execute-api.us-east-1.amazonaws.com/api", "/api"
    ),
    "sam local": Deployment("http://127.0.0.1:3000", is_sam_local=True),
}
ON_AWS: Final = {name: found for name, found in DEPLOYMENTS.items() if not found.is_sam_local}
WITH_PREFIX: Final = {name: found for name, found in ON_AWS.items() if urlsplit(found.base).path}
everywhere: Final = pytest.mark.parametrize("at", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
on_aws: Final = pytest.mark.parametrize("at", ON_AWS.values(), ids=ON_AWS)
below_a_prefix: Final = pytest.mark.parametrize("at", WITH_PREFIX.values(), ids=WITH_PREFIX)


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    """Return one handler for all tests, since each creates its own tasks."""
    app = Api().http.app
    assert isinstance(app, FastAPI)
    return Adapter(app)


@dataclass
class Browser:
    """Sends requests through a gateway to the function."""

    adapter: Adapter
    at: Deployment

    def send(self, method: str, url: str, **headers: str) -> dict[str, Any]:
        return self.adapter(self.at.event(method, url, headers), None)  # type: ignore[arg-type]

    def post(self, url: str, body: str) -> dict[str, Any]:
        """Send a body of JSON."""
        event = self.at.event("POST", url, {"Content-Type": "application/json"})
        return self.adapter(event | {"body": body}, None)  # type: ignore[arg-type]

    def get(self, url: str) -> dict[str, Any]:
        response = self.send("GET", url)
        assert response["statusCode"] == 200, (url, response)
        return response


@pytest.fixture
def browser(adapter: Adapter, at: Deployment) -> Browser:
    return Browser(adapter, at)


@everywhere
def test_a_task_s_links_lead_to_its_result(browser: Browser, at: Deployment) -> None:
    """Location is relative to the request, `url_result` to the base URL."""
    url = f"{at.base}/api/process?ingredients_joined=milk"
    submitted = browser.send("POST", url)
    assert submitted["statusCode"] == 202
    [task] = json.loads(submitted["body"])
    for link in (urljoin(url, submitted["headers"]["location"]), at.base + task["url_result"]):
        assert link == f"{at.base}/api/result/{task['task_id']}"
        fetched = browser.send("GET", link)
        assert (fetched["statusCode"], fetched["headers"]["cache-control"]) == (202, "no-store")


@everywhere
def test_the_location_of_an_array_leads_to_its_batch(browser: Browser, at: Deployment) -> None:
    url = f"{at.base}/api/process"
    submitted = browser.post(url, "[{}, {}]")
    ids = [task["task_id"] for task in json.loads(submitted["body"])]
    link = urljoin(url, submitted["headers"]["location"])
    assert link.startswith(f"{at.base}/api/batches/")
    fetched = json.loads(browser.send("GET", link)["body"])
    assert [result["task_id"] for result in fetched["results"]] == ids


@everywhere
def test_the_location_of_a_retry_leads_to_its_result(browser: Browser, at: Deployment) -> None:
    submitted = browser.send("POST", f"{at.base}/api/process?ingredients_joined=milk")
    task_url = f"{at.base}/api/task/{json.loads(submitted['body'])[0]['task_id']}"
    assert browser.send("DELETE", task_url)["statusCode"] == 200
    retried = browser.send("POST", f"{task_url}/retry")
    link = urljoin(f"{task_url}/retry", retried["headers"]["location"])
    assert link == f"{at.base}/api/result/{json.loads(retried['body'])['task_id']}"


@everywhere
@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_links_of_a_page_lead_to_files_of_the_api(
    browser: Browser, at: Deployment, path: str
) -> None:
    """Scripts, style sheets, the other page and the description."""
    html = browser.get(at.base + path)["body"]
    links = re.findall(r'(?:src|href)="([^"#:]+)"', html)
    assert len(links) >= 3
    for link in links:
        response = browser.get(urljoin(at.base + path, link))
        # Without binary media types, the gateway would pass on the base64 text.
        assert not response["isBase64Encoded"]


@everywhere
def test_the_server_of_the_description_is_the_base_url(browser: Browser, at: Deployment) -> None:
    """It is relative to the URL of the description."""
    url = f"{at.base}/openapi.json"
    [server] = json.loads(browser.get(url)["body"])["servers"]
    assert urljoin(url, server["url"]) == f"{at.base}/"


@below_a_prefix
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "?drink=milk&drink=%D1%87%D0%B0%D0%B9&empty="])
def test_the_prefix_without_a_slash_redirects_to_the_page(
    browser: Browser, at: Deployment, method: str, query: str
) -> None:
    """The page's links would lead out of the prefix. A browser caches the redirect."""
    response = browser.send(method, at.base + query)
    assert response["statusCode"] == 308
    assert urljoin(at.base, response["headers"]["location"]) == f"{at.base}/{query}"


@on_aws
@pytest.mark.parametrize("query", ["", "?deep=1"])
def test_the_docs_with_a_slash_redirect_to_the_docs(
    browser: Browser, at: Deployment, query: str
) -> None:
    url = f"{at.base}/docs/{query}"
    response = browser.send("GET", url)
    assert response["statusCode"] == 308
    assert urljoin(url, response["headers"]["location"]) == f"{at.base}/docs{query}"


@everywhere
def test_a_path_without_a_route_is_not_found(browser: Browser, at: Deployment) -> None:
    response = browser.send("GET", f"{at.base}/api/prefix/api/health")
    assert response["statusCode"] == 404


@everywhere
@pytest.mark.parametrize("decode", [str, unquote])
def test_an_encoded_path_is_decoded(
    browser: Browser, at: Deployment, decode: Callable[[str], str]
) -> None:
    """Whether or not the gateway has already decoded the parameter."""
    [task] = json.loads(browser.send("POST", f"{at.base}/api/process")["body"])
    first, rest = task["task_id"][0], task["task_id"][1:]
    event = at.event("GET", f"{at.base}/api/status/%{ord(first):02X}{rest}")
    event["pathParameters"] = {"proxy": decode(event["pathParameters"]["proxy"])}
    response: Any = browser.adapter(event, None)  # type: ignore[arg-type]
    assert response["statusCode"] == 200


def test_a_server_without_a_gateway_redirects_too(api: Api) -> None:
    """A reverse proxy may add a prefix, since the redirect is relative."""
    response = api.http.get("/docs/?deep=1", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (308, "../docs?deep=1")


def test_a_redirect_encodes_a_query_that_is_not_text(api: Api) -> None:
    """A server passes on the bytes that it received."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def call() -> None:
        scope = {"type": "http", "method": "GET", "path": "/docs/", "headers": []}
        await api.http.app({**scope, "query_string": b"a=%20\xff\r\n"}, receive, send)

    asyncio.run(call())
    assert dict(sent[0]["headers"])[b"location"] == b"../docs?a=%20%FF%0D%0A"


@pytest.mark.parametrize(
    "event",
    [
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}, "resources": []},
        {"warmer": True},
        {"key1": "value1", "key2": "value2", "key3": "value3"},
        {"Records": [{"messageId": "1", "body": "gin", "eventSource": "aws:sqs"}]},
        {"version": "1.0", "requestContext": {"condition": "Success"}, "responsePayload": None},
        {"requestContext": None, "resource": "/", "path": "/", "httpMethod": "GET"},
        {},
        None,
        "ping",
        [],
        5,
    ],
    ids=str,
)
def test_any_other_event_is_ignored(
    adapter: Adapter, event: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A schedule can keep the function warm. Neither an alarm nor a warning is the result."""
    with caplog.at_level(logging.INFO):
        response = adapter(event, None)  # type: ignore[arg-type]
    sentence = "The event is not a request of API Gateway; nothing was done."
    assert response == {"ignored": sentence}
    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == ("INFO", sentence)
