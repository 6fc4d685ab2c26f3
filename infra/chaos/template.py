"""template.yaml with short timeouts, and with a stream of every write to the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.local.template import read_template

if TYPE_CHECKING:
    from infra.local.template import JsonObject

# Seconds. The worker stops 5 s before its timeout, so the timeout must be longer than that. The
# messages of a killed worker must be redelivered during the run, so the visibility timeout is
# short. The deployment keeps it at six times the worker's timeout; here, a slow batch is delivered
# twice more often.
WORKER_TIMEOUT: Final = 8
TASK_VISIBILITY: Final = 8
DEAD_LETTER_VISIBILITY: Final = 3


def chaos_template() -> JsonObject:
    """Return the template with short timeouts and with a stream of every write to the table."""
    template = read_template()
    properties = {name: entry["Properties"] for name, entry in template["Resources"].items()}
    properties["WorkerFunction"]["Timeout"] = WORKER_TIMEOUT
    properties["TaskQueue"]["VisibilityTimeout"] = TASK_VISIBILITY
    properties["BulkQueue"]["VisibilityTimeout"] = TASK_VISIBILITY
    properties["DeadLetterQueue"]["VisibilityTimeout"] = DEAD_LETTER_VISIBILITY
    properties["TaskTable"]["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    return template
