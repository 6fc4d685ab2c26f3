"""Runs a module's command line until the standard input ends: `MODULE ARGUMENTS…`.

The parent process keeps the other end of the standard input open, so this process ends when its
parent does, even if the parent was killed. The interpreter of MiniStack or of sam runs this file.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

STOP_TIMEOUT = 10.0  # seconds that the module may take to exit after SIGTERM


def _exit_at_the_end_of_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_exit_at_the_end_of_input, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
