"""Runs each saboteur until its rule catches it."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from infra.simulation.checker import RULES
from infra.simulation.rules.facts import Facts
from infra.simulation.run import run_round
from infra.simulation.saboteurs.catalogue import SABOTEURS
from infra.simulation.simulate import oracle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.simulation.saboteurs.saboteur import Saboteur

ROUND_TASKS: Final = 100
DIRECTED_TASKS: Final = 60  # in a round whose faults are directed at the saboteur
MAX_ROUNDS: Final = 300


@dataclass(frozen=True, slots=True)
class Hunt:
    """How a saboteur was caught; `text` is None if it survived."""

    saboteur: int
    rounds: int
    tasks: int
    text: str | None


def hunt(number: int, seed: int, rounds: int = MAX_ROUNDS, *, directed: bool = False) -> Hunt:
    """Run rounds with a saboteur, given its number, until its rule finds a violation.

    The faults of a round are drawn; if `directed`, they are those that show the saboteur soon.
    """
    saboteur: Saboteur = SABOTEURS[number]
    rule = RULES[saboteur.rule]
    profile = saboteur.profile if directed else None
    tasks = DIRECTED_TASKS if directed else ROUND_TASKS
    for index in range(rounds):
        finished = run_round(seed, index, tasks, saboteur.parts, profile)
        facts = Facts(finished, oracle())
        if (violation := next(rule(facts), None)) is not None:
            return Hunt(number, index + 1, (index + 1) * tasks, violation.text)
    return Hunt(number, rounds, rounds * tasks, None)


def hunt_with_drawn_faults_first(number: int, seed: int) -> Hunt:
    """Hunt with drawn faults and, if no round has the rare ones that matter, with directed ones."""
    found = hunt(number, seed)
    return found if found.text is not None else hunt(number, seed, directed=True)


def hunt_all(seed: int) -> Iterator[Hunt]:
    """Hunt all saboteurs, several at the same time."""
    context = multiprocessing.get_context("spawn")
    search = partial(hunt_with_drawn_faults_first, seed=seed)
    with ProcessPoolExecutor(mp_context=context) as pool:
        yield from pool.map(search, range(len(SABOTEURS)))
