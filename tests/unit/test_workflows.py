"""GitHub's workflows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github/workflows"
WORKFLOWS: dict[str, dict[str, Any]] = {
    path.name: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yml"))
}
STEPS = [
    (name, step)
    for name, workflow in WORKFLOWS.items()
    for job in workflow["jobs"].values()
    for step in job["steps"]
]


@pytest.mark.parametrize(
    ("workflow", "action"), [(name, step["uses"]) for name, step in STEPS if "uses" in step]
)
def test_every_action_is_pinned_by_its_digest(workflow: str, action: str) -> None:
    """Its author can move a tag. A comment says which version the digest is."""
    assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action)
    text = (FOLDER / workflow).read_text("utf-8")
    assert re.search(rf"uses: {action} # v\d+\.\d+\.\d+$", text, re.MULTILINE)


def test_the_workflows_run_every_suite_of_the_whole_integration() -> None:
    """A job may have a matrix of suites."""
    run = {suite for workflow in WORKFLOWS.values() for suite in suites_of(workflow)}
    whole = (FOLDER.parents[1] / ".ci/run").read_text("utf-8")
    assert set(re.findall(r"^ *make (\S+)", whole, re.MULTILINE)) <= run


def suites_of(workflow: dict[str, Any]) -> set[str]:
    """Return the targets of make that the jobs of a workflow run."""
    found: set[str] = set()
    for job in workflow["jobs"].values():
        commands = " ".join(step.get("run", "") for step in job["steps"])
        if "make ${{ matrix.suite }}" in commands:
            found.update(job["strategy"]["matrix"]["suite"])
        found.update(re.findall(r"make ([a-z0-9-]+)", commands))
    return found


def test_no_job_keeps_the_credentials_of_the_checkout() -> None:
    for _, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_only_a_protected_branch_is_deployed_and_only_after_its_tests() -> None:
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    assert jobs["deploy"]["needs"] == "verify"
    assert jobs["verify"]["if"] == "github.ref_protected"
    assert [step["run"] for step in jobs["verify"]["steps"] if "run" in step] == [
        "make check",
        "make test",
    ]


def test_only_the_deployment_gets_a_token_for_aws() -> None:
    for workflow in WORKFLOWS.values():
        granted = {
            name: {**(workflow.get("permissions") or {}), **job.get("permissions", {})}
            for name, job in workflow["jobs"].items()
        }
        assert {name for name, found in granted.items() if "id-token" in found} <= {"deploy"}
