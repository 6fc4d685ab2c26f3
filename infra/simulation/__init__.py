"""The simulation: the real code in virtual time, in one thread, from one seed.

scheduler    virtual time and processes, which are greenlets
executor     the threads of a process
aws/         the simulated client of boto3, with the semantics and limits of the services
"""
