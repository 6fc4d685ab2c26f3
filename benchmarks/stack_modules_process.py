"""A process that reports the modules of a part of the stack on one machine.

`python -m benchmarks.stack_modules_process PART` starts the API with its server (`api`), or builds
the worker (`worker`), and reports the names of the imported modules in their order.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.process_report import reporting

PARTS = {"api": "infra.local.__main__", "worker": "infra.local.worker"}


def start_api() -> None:
    """Start the whole stack, with the API in this process."""
    from infra.local.stack import running_stack  # noqa: PLC0415 - the worker does not need it

    with running_stack():
        pass


def build_worker() -> None:
    """Build the functions of the worker."""
    from infra.local.local_template import local_functions  # noqa: PLC0415 - see above
    from infra.local.ports import Location, open_ports  # noqa: PLC0415
    from infra.local.template import read_template  # noqa: PLC0415
    from infra.local.worker import build_handlers  # noqa: PLC0415

    functions = local_functions(read_template()).values()
    with TemporaryDirectory() as folder:
        ports = open_ports(Location(Path(folder), "http://127.0.0.1"), lambda _: None)
        build_handlers([function for function in functions if function.event_sources], ports)


def main(part: str) -> None:
    """Report the modules."""
    os.environ.pop("AWS_LAMBDA_FUNCTION_NAME", None)  # the functions would import more
    with reporting() as report:
        importlib.import_module(PARTS[part])
        if part == "api":
            start_api()
        else:
            build_worker()
        own = ("__main__", "benchmarks")
        report({"modules": [name for name in sys.modules if name.partition(".")[0] not in own]})


if __name__ == "__main__":
    main(*sys.argv[1:])
