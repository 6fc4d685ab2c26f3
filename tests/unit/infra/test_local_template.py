from __future__ import annotations

from infra.local.local_template import local_functions
from infra.local.template import read_template

TEMPLATE = read_template()


def test_references_to_resources_become_their_names() -> None:
    environment = local_functions(TEMPLATE)["WorkerFunction"].environment
    assert environment["TABLE_NAME"] == "TaskTable"
    assert environment["TASK_QUEUE_URL"] == "TaskQueue"


def test_references_to_parameters_become_their_values() -> None:
    """A given value replaces the default."""
    default = local_functions(TEMPLATE)["WorkerFunction"].environment["MODEL_ENGINE"]
    assert default == TEMPLATE["Parameters"]["ModelEngine"]["Default"]
    changed = local_functions(TEMPLATE, {"ModelEngine": "tensorflow"})
    assert changed["WorkerFunction"].environment["MODEL_ENGINE"] == "tensorflow"


def test_the_numbers_of_event_sources_are_those_of_the_template() -> None:
    function = local_functions(TEMPLATE)["WorkerFunction"]
    events = TEMPLATE["Resources"]["WorkerFunction"]["Properties"]["Events"]
    bulk = next(source for source in function.event_sources if source.queue_name == "BulkQueue")
    assert bulk.batch_size == events["Bulk"]["Properties"]["BatchSize"]
    assert bulk.batching_window == events["Bulk"]["Properties"]["MaximumBatchingWindowInSeconds"]
    assert bulk.reports_failures
    assert function.timeout == TEMPLATE["Resources"]["WorkerFunction"]["Properties"]["Timeout"]
