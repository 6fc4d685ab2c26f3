"""Deploys a stage to AWS: `make deploy STAGE=dev`.

`run` is the order of the steps. The package checks the configuration before the slow build, lets
sam build and deploy, and then deletes old versions and images.
"""
