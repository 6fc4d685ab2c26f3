"""Whole journeys over HTTP, through the built functions in their containers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from tests.e2e.conftest import wait_for
from tests.integration.receiver import Delivered, receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    Finished = Callable[[dict[str, str]], dict[str, Any]]

CLIENT = Path(__file__).parents[2] / "clients/typescript"
NODE = CLIENT / "node_modules/.bin/node"  # of `npm install`
VERIFY = """
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
const { secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
"""


def test_a_half_built_drink_gets_its_suggestion(http: httpx2.Client, finished: Finished) -> None:
    """It is submitted through the gateway, and the worker's image answers it."""
    answer = http.post("/api/process", params={"ingredients_joined": "молоко;клубника"})
    assert answer.status_code == 202
    [task] = answer.json()
    assert http.get(f"/api/status/{task['task_id']}").status_code == 200
    result = finished(task)
    assert result["status"] == "SUCCESS"
    assert result["result"] not in ("", "milk", "strawberry")
    assert 0 < result["suggestions"][0]["probability"] < 1


def test_no_ingredients_get_a_base(http: httpx2.Client, finished: Finished) -> None:
    """An empty POST without a body asks for a base."""
    [task] = http.post("/api/process").json()
    bases = [item["name"] for item in http.get("/api/ingredients").json() if item["base"]]
    assert finished(task)["result"] in bases


def test_a_finished_task_cannot_be_cancelled(http: httpx2.Client, finished: Finished) -> None:
    """DELETE passes the gateway, and the answer names the final status."""
    [task] = http.post("/api/process").json()
    finished(task)
    answer = http.delete(f"/api/task/{task['task_id']}")
    assert answer.status_code == 409
    assert answer.json()["task_status"] == "SUCCESS"


def test_bad_input_is_a_problem(http: httpx2.Client) -> None:
    """Errors pass the gateway as problem+json, in plain text."""
    unknown = http.post("/api/process", params={"ingredients_joined": "strawbery"})
    assert unknown.status_code == 422
    assert unknown.headers["content-type"] == "application/problem+json"
    assert "strawberry" in unknown.json()["detail"]
    nobody = http.get("/api/result/00000000-0000-0000-0000-000000000000")
    assert (nobody.status_code, nobody.json()["title"]) == (404, "No such task")
    headers = {"Content-Type": "application/json"}
    assert http.post("/api/process", content="{", headers=headers).status_code == 400


def test_the_built_function_serves_the_client_that_its_page_uses(http: httpx2.Client) -> None:
    """The build has copied it from clients/typescript."""
    [script] = re.findall(r'src="(page/[^"]+)/app\.js"', http.get("/").text)
    client = http.get(f"/{script}/client/barback.js")
    assert client.status_code == 200
    assert "class Barback" in client.text


def test_a_hundred_tasks_succeed(http: httpx2.Client, finished: Finished) -> None:
    """A hundred drinks, half of them in the bulk lane, are all answered."""
    priorities = ("interactive", "bulk")
    drinks = [{"ingredients": ["milk"], "priority": priorities[n % 2]} for n in range(100)]
    tasks = http.post("/api/process", json=drinks).json()
    assert len(tasks) == 100
    assert {finished(task)["status"] for task in tasks} == {"SUCCESS"}


def test_a_document_is_answered(http: httpx2.Client, finished: Finished) -> None:
    """The document worker's image reads the uploaded file and writes the answers."""
    content = b"milk;strawberry\nwater\n"
    made = http.post("/api/documents", json={"bytes": len(content), "format": "text"}).json()
    # The emulator checks the signatures of both links.
    httpx2.put(made["upload"]["url"], content=content).raise_for_status()
    [task] = http.post("/api/process", json={"document": made["document"]}).json()
    document = finished(task)["document"]
    assert (document["lines"], document["answered"]) == (2, 2)
    answers = httpx2.get(document["url"]).text.splitlines()
    assert [json.loads(line)["line"] for line in answers] == [1, 2]


def test_a_result_is_delivered_to_a_webhook(http: httpx2.Client, finished: Finished) -> None:
    """The container sends it to this machine, and the library for JavaScript verifies it."""
    [secret] = http.get("/api/webhooks/secret").json()["secrets"]
    with receiver() as found:
        answer = http.post("/api/process", params={"webhook": found.url}, json={})
        [task] = answer.json()
        wait_for(lambda: found.delivered, "no delivery")
    [delivered] = found.delivered
    assert verified_by_javascript(secret, delivered) == finished(task)


def verified_by_javascript(secret: str, delivered: Delivered) -> Any:
    """Return the body of a delivery that the official library verifies, in Node."""
    delivery = {"secret": secret, "headers": delivered.headers, "body": delivered.body.decode()}
    answer = subprocess.run(
        [NODE, "--input-type=module", "--eval", VERIFY],
        cwd=CLIENT,
        input=json.dumps(delivery),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_the_page_is_served(http: httpx2.Client) -> None:
    """The page, its assets and the docs pass the gateway with their media types."""
    page, docs = http.get("/").text, http.get("/docs").text
    assert "Barback" in page
    [script] = re.findall(r'src="(page/[^"]+)"', page)
    assert "javascript" in http.get(f"/{script}").headers["content-type"]
    [bundle] = re.findall(r'src="(docs/assets/[^"]+)"', docs)
    assert len(http.get(f"/{bundle}").content) > 1_000_000
