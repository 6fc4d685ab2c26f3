"""The capacity model: what a rate of tasks needs, where AWS's quotas stop it, and what it costs.

`make capacity` prints it, and docs/scaling.md explains it.
"""
