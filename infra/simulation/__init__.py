"""The simulation: the real code in virtual time, in one thread, from one seed.

scheduler    virtual time and processes, which are greenlets
executor     the threads of a process
aws/         the simulated client of boto3, with the semantics and limits of the services
stack        the table, queues and bucket of the template
api, pollers    the instances of the functions
parts        the code under test, of which each piece can be replaced
model        the real suggester with an engine that can be made to fail
workload     what callers do, drawn from the seed
callers, requests    the callers
faults, call_faults, nemesis, disruptions    the kinds of faults, and how they happen
events, history    everything that happened
rules/, checker    the rules of docs/design.md as properties of the history
saboteurs/   broken variants of the pieces, each of which a rule must catch
run, simulate, timeline, report    rounds, their summary, and how it is shown
"""
