"""A process that imports modules, on any processor: `python -m benchmarks.import_process`.

It imports the modules of the variable MODULES, and reports when it has.
"""

from __future__ import annotations

import json

from benchmarks.cold_start_process import import_modules

if __name__ == "__main__":
    import_modules()
    print(json.dumps({}), flush=True)
