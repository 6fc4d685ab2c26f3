"""The whole stack on one machine, made from template.yaml."""
