"""template.yaml with short timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.local.template import read_template

if TYPE_CHECKING:
    from infra.local.template import JsonObject

# Seconds. A worker stops 5 s before its timeout, and finishes a document only if 30 s are left, so
# the timeouts must be longer than that. The messages of a killed worker must be redelivered during
# the run, so the visibility timeouts are short. The deployment keeps them at six times the timeout
# of the function; here, a slow batch is delivered twice more often.
TIMEOUTS: Final = {"WorkerFunction": 8, "DocumentFunction": 45}
VISIBILITY: Final = {"TaskQueue": 8, "BulkQueue": 8, "DocumentQueue": 12, "DeadLetterQueue": 3}


def chaos_template() -> JsonObject:
    """Return the template with short timeouts."""
    template = read_template()
    properties = {name: entry["Properties"] for name, entry in template["Resources"].items()}
    for function, seconds in TIMEOUTS.items():
        properties[function]["Timeout"] = seconds
    for queue, seconds in VISIBILITY.items():
        properties[queue]["VisibilityTimeout"] = seconds
    return template
