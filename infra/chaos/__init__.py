"""Chaos testing: run a workload on a stack while a nemesis disrupts it, then check it.

generator     makes the operations of the workload from a seed
workload      clients send the operations to the API and record a history
target        what a run needs of a stack under test; `local` and `emulated` implement it
children      the child processes of a run, which count what happens to them
nemesis       disrupts the stack while the workload runs
worker_faults faults that a worker injects into itself
inspection    follows messages that no function can read through the queues
oracle        compares a result with the model's own answer
checker       compares the history, the inspection and the oracle

`local` has the stack on one machine, with SQLite. `emulated` has the same functions on MiniStack,
and injects faults into their AWS calls.
"""
