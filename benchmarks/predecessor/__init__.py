"""The design this project descends from: FastAPI, Celery, Redis, one `model.predict` for a task.

Written anew for the comparison, as such a service is sensibly deployed. It runs in an environment
of its own, made from requirements/predecessor.txt.
"""
