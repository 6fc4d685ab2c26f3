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
    parameters = TEMPLATE["Parameters"]
    bulk = next(source for source in function.event_sources if source.queue_name == "BulkQueue")
    assert bulk.batch_size == parameters["BatchSize"]["Default"]
    assert bulk.batching_window == parameters["BatchingWindow"]["Default"]
    assert bulk.reports_failures
    assert function.timeout == TEMPLATE["Resources"]["WorkerFunction"]["Properties"]["Timeout"]


def test_the_numbers_of_event_sources_can_be_parameters() -> None:
    function = local_functions(TEMPLATE, {"BatchSize": "20"})["WorkerFunction"]
    assert [source.batch_size for source in function.event_sources] == [10, 20]


def test_a_function_that_exists_under_a_condition_does_not_run() -> None:
    """The deployment check needs CodeDeploy."""
    assert "DeploymentCheckFunction" in TEMPLATE["Resources"]
    assert "DeploymentCheckFunction" not in local_functions(TEMPLATE)
