SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first of these that works and is 3.11 or newer.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
VENV := .venv
SAM_VENV := .venv-sam
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --require-hashes
PORT ?= 8000
AWS_PORT ?= 8001

export PYTHONPATH := .:layers/tasks/python:layers/model/python:layers/model
export SAM_CLI_TELEMETRY := 0
# TensorFlow's notes on the processor and on the GPU that is not there.
export TF_CPP_MIN_LOG_LEVEL := 2

# options,NAME OTHER: --name '$(NAME)' for each of the variables that is set.
lower = $(shell echo '$(1)' | tr 'A-Z_' 'a-z-')
options = $(foreach name,$(1),$(if $($(name)),--$(call lower,$(name)) '$($(name))'))

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: $(VENV)/run ## Run the whole stack on this machine (PORT=8000 AWS_PORT=8001).
	@exec $(BIN)/python -m infra.local run --port $(PORT) --aws-port $(AWS_PORT)

.PHONY: demo
demo: $(VENV)/run ## Start the stack, submit 100 tasks and show what came back.
	@$(BIN)/python -m infra.local demo

.PHONY: test
test: $(VENV)/dev ## Run every test that needs neither Docker nor AWS.
	@$(BIN)/python -m pytest tests

.PHONY: check
check: $(VENV)/dev $(SAM_VENV)/sam ## Lint, check types and validate the template.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@AWS_DEFAULT_REGION=us-east-1 $(SAM_VENV)/bin/sam validate --lint

.PHONY: format
format: $(VENV)/dev ## Format the code.
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

.PHONY: train
train: $(VENV)/train ## Train a model (DATA= MIN_COUNT= INGREDIENTS= BASE= ADDITIVE= EPOCHS= SEED= OUT=).
	@$(BIN)/python -m training.train $(if $(DATA),'$(DATA)') $(call options,\
		MIN_COUNT INGREDIENTS BASE ADDITIVE EPOCHS WIDTH SEED OUT)

.PHONY: evaluate
evaluate: $(VENV)/train ## Compare the model with others (DATA= MIN_COUNT= DEDUP=1 JSON=).
	@$(BIN)/python -m training.evaluate $(if $(DATA),'$(DATA)') $(if $(DEDUP),--dedup) \
		$(call options,MIN_COUNT JSON)

.PHONY: bench
bench: $(VENV)/dev ## Measure what the README's numbers come from.
	@$(BIN)/python -m benchmarks

.PHONY: requirements
requirements: $(VENV)/uv ## Pin the requirements anew (UPGRADE=1 takes newer versions).
	@PATH="$(CURDIR)/$(BIN):$$PATH" requirements/compile

.PHONY: clean
clean: ## Remove everything that was set up or built.
	rm -rf $(VENV) $(SAM_VENV) .aws-sam build .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/uv: requirements/uv.txt
	@$(if $(PYTHON),,$(error Barback needs Python 3.11 or newer; install it or set PYTHON=))
	@echo "Setting up $(VENV) with $(PYTHON) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/%: requirements/%.txt | $(VENV)/uv
	@echo "Installing $< …"
	@$(UV) --python $(BIN)/python -r $<
	@touch $@

$(SAM_VENV)/sam: requirements/sam.txt | $(VENV)/uv
	@echo "Setting up $(SAM_VENV) …"
	@$(PYTHON) -m venv $(SAM_VENV)
	@$(UV) --python $(SAM_VENV)/bin/python -r $<
	@touch $@
