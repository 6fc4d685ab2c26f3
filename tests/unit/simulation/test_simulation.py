"""The real code in virtual time: it breaks no rule, and broken variants of it are caught.

`make simulate` and `make saboteurs` run the same for longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from typer.testing import CliRunner

from infra.simulation.__main__ import app
from infra.simulation.checker import RULES
from infra.simulation.faults import Fault
from infra.simulation.report import print_hunts, print_summary
from infra.simulation.run import run_round
from infra.simulation.saboteurs.catalogue import SABOTEURS
from infra.simulation.saboteurs.hunt import Hunt, hunt
from infra.simulation.simulate import Finding, Summary, simulate_round

if TYPE_CHECKING:
    from infra.simulation.saboteurs.saboteur import Saboteur

SEED = 5
ONE_OF_EACH_RULE = list({found.rule: found for found in reversed(SABOTEURS)}.values())
DIGEST = "from infra.simulation.run import run_round; print(run_round(1, 3, 100).history.digest())"


@pytest.fixture(scope="module")
def rounds() -> list[Summary]:
    """Run rounds, each with other faults."""
    return [simulate_round(SEED, number, 100) for number in range(16)]


def test_the_code_breaks_no_rule(rounds: list[Summary]) -> None:
    """Most tasks are accepted in spite of the faults."""
    assert [found for summary in rounds for found in summary.findings.values()] == []
    assert sum(summary.accepted for summary in rounds) > 1000


def test_the_rounds_have_all_kinds_of_faults(rounds: list[Summary]) -> None:
    """A kind that no round has would prove nothing."""
    met = {kind for summary in rounds for kind in summary.faults}
    assert met == set(Fault)


def test_a_seed_gives_the_same_history_in_every_process() -> None:
    """The order of sets of strings differs between processes."""
    digests = set()
    for hash_seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
        found = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        digests.add(found.stdout)
    assert len(digests) == 1


def test_another_seed_gives_another_history() -> None:
    first, second = (run_round(seed, 3, 50).history.digest() for seed in (1, 2))
    assert first != second


def test_every_rule_has_a_saboteur() -> None:
    """A rule that no broken variant violates might check nothing."""
    assert {saboteur.rule for saboteur in SABOTEURS} == set(RULES)
    assert len(SABOTEURS) >= 30


@pytest.mark.parametrize(
    "saboteur", ONE_OF_EACH_RULE, ids=[found.name for found in ONE_OF_EACH_RULE]
)
def test_a_saboteur_is_caught(saboteur: Saboteur) -> None:
    """The faults of its rounds are those that show it soon; `make saboteurs` runs all."""
    found = hunt(SABOTEURS.index(saboteur), SEED, rounds=10, directed=True)
    assert found.text is not None


def test_the_report_of_a_violation_says_how_to_replay_it() -> None:
    finding = Finding("final rows stay", 2, 7, 500, "t1", "SUCCESS became FAIL", ["0.000 s row"])
    summary = Summary(findings={finding.rule: finding})
    output = StringIO()
    print_summary(Console(file=output, width=120), summary, seed=3, seconds=1.0)
    assert "make simulate TASKS=500 SEED=3 ROUND=7" in output.getvalue()
    assert "0.000 s row" in output.getvalue()


def test_a_summary_keeps_the_shortest_history_of_a_rule() -> None:
    longer = Finding("final rows stay", 2, 7, 500, "t1", "", ["1", "2"])
    shorter = Finding("final rows stay", 1, 8, 500, "t2", "", ["1"])
    summary = Summary(findings={longer.rule: longer})
    summary.add(Summary(findings={shorter.rule: shorter}))
    [found] = summary.findings.values()
    assert (found.task_id, found.count) == ("t2", 3)


def test_a_saboteur_that_survives_is_reported() -> None:
    output = Console(file=StringIO(), width=120)
    assert print_hunts(output, [Hunt(0, 1, 100, "caught")], SABOTEURS[:1])
    assert not print_hunts(output, [Hunt(0, 1, 100, None)], SABOTEURS[:1])


def test_the_command_line_runs_one_round() -> None:
    found = CliRunner().invoke(app, ["simulate", "--tasks", "30", "--round", "2"])
    assert found.exit_code == 0, found.output
    assert "violations" in found.output
