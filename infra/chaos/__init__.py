"""Chaos testing: run a workload on the local stack while a nemesis disrupts it, then check it.

generator    makes the operations of the workload from a seed
workload     clients send the operations to the API and record a history
cluster      the processes under test: one API and several workers
nemesis      kills and restarts these processes while the workload runs
aws_faults, worker_faults    faults that the processes inject into themselves
inspection   reads the table's stream and the queues after the workload
oracle       compares a result with the model's own answer
checker      compares the history, the inspection and the oracle
"""
