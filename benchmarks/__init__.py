"""The benchmarks of `make bench`, which the numbers in the README come from.

Each `*_process` module is a program of its own: `process_runner` starts it, it measures and
reports lines of JSON (`process_report`), and `tables` prints them. `containers` measures the
built functions under Lambda's Runtime Interface Emulator.

`comparison` and `local_stack` measure the stack on one machine, and `figures` prints them.
`services` starts the stack and the `predecessor`; `client_process`, `command_line` and `backlog`
are their callers.
"""
