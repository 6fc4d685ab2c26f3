"""Saboteurs: a chaos run on a stack whose workers are broken on purpose must find it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from infra.chaos.children import WORKER, ChildSettings
from infra.chaos.local.cluster import local_target
from infra.chaos.run import run_chaos
from infra.local.storage.database import open_database
from infra.local.worker import build_handlers, run_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from infra.chaos.checker import Findings
    from infra.chaos.local.processes import WorkerMain
    from infra.local.definitions import Function
    from infra.local.event_source import LocalContext
    from infra.local.ports import Ports
    from infra.local.worker import Handler, WorkerSettings

TASKS = 30
PATIENCE = 15.0  # seconds
TASK_FUNCTION = "WorkerFunction"


def sabotaged(
    settings: ChildSettings,
    worker: WorkerSettings,
    sabotage: Callable[[Handler, dict[str, Any], LocalContext], Any],
) -> None:
    """Run a worker in which `sabotage` stands in for the handler of drinks."""
    settings.apply(WORKER)

    def build(functions: Sequence[Function], ports: Ports) -> dict[str, Handler]:
        handlers = build_handlers(functions, ports)
        handlers[TASK_FUNCTION] = partial(sabotage, handlers[TASK_FUNCTION])
        return handlers

    run_worker(worker, build)


def acknowledge_everything(
    settings: ChildSettings, _poison: frozenset[str], worker: WorkerSettings
) -> None:
    """A worker that writes nothing and deletes every message."""
    sabotaged(settings, worker, lambda *_: None)


def write_final_rows_again(
    settings: ChildSettings, _poison: frozenset[str], worker: WorkerSettings
) -> None:
    """A worker that writes a row once more after it is final."""
    database = open_database(worker.location.folder)

    def sabotage(handler: Handler, event: dict[str, Any], context: LocalContext) -> Any:
        response = handler(event, context)
        database.execute("UPDATE tasks SET attempts = attempts + 1 WHERE status = 'SUCCESS'")
        return response

    sabotaged(settings, worker, sabotage)


def findings_of(worker: WorkerMain, folder: Path) -> Findings:
    open_target = partial(local_target, worker=worker)
    return run_chaos(open_target, TASKS, 1, str(folder / "log"), PATIENCE).findings


def test_a_worker_that_acknowledges_without_writing_loses_tasks(tmp_path: Path) -> None:
    findings = findings_of(acknowledge_everything, tmp_path)
    assert len(findings.lost) >= TASKS - 1  # one may have been cancelled
    assert findings.duplicated == []


def test_a_worker_that_writes_final_rows_again_duplicates_tasks(tmp_path: Path) -> None:
    findings = findings_of(write_final_rows_again, tmp_path)
    assert len(findings.duplicated) >= TASKS // 2
    assert findings.lost == []
