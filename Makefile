SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
SAM_VENV := .venv-sam
CHECKOV_VENV := .venv-checkov
MINISTACK_VENV := .venv-ministack
MUTANTS_VENV := .venv-mutants
PREDECESSOR_VENV := .venv-predecessor
BIN := $(VENV)/bin
# Ctrl-C ends a command in the foreground without a traceback.
FOREGROUND := exec infra/foreground $(BIN)/python
# The target architecture; the worker's image must be built on a machine that has it.
this_architecture = $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

# Packages of pipelines are found in this folder, and where the user's own PYTHONPATH says.
export PYTHONPATH := .:layers/tasks/python:layers/model/python:layers/model$(if $(PYTHONPATH),:$(PYTHONPATH))
export SAM_CLI_TELEMETRY := 0
# Silence TensorFlow's messages about the CPU and a missing GPU.
export TF_CPP_MIN_LOG_LEVEL := 3

# Recipes read the variables of the command line from the environment, exactly as they were typed:
# make expands no dollar sign in them, and the shell splits and unquotes nothing.
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),\
	$(eval override $(name) := $$(value $(name)))$(eval export $(name))))

# option,NAME,--name: expands to --name "$$NAME" if the variable is set.
option = $(if $(value $(1)),$(2) "$$$(1)")
data = $(if $(value DATA),-- "$$DATA")
# Terminals set COLUMNS in the environment, so only the command line counts, and Python must not see it.
take_columns = $(if $(filter override,$(origin COLUMNS)),columns="$$COLUMNS"; unset COLUMNS;)
columns = $(if $(filter override,$(origin COLUMNS)),--columns "$$columns")

.PHONY: help
help: ## List the targets.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: $(VENV)/run ## Run the whole stack on this machine (PORT=8000 WORKERS=1 DATA_DIR=.barback PIPELINES=; LOCALSTACK=1 or AWS_ENDPOINT_URL=).
ifneq ($(LOCALSTACK)$(AWS_ENDPOINT_URL),)
	@$(FOREGROUND) -m infra.emulated run $(if $(LOCALSTACK),--localstack)
else
	@$(FOREGROUND) -m infra.local run $(call option,PORT,--port) $(call option,WORKERS,--workers) $(call option,DATA_DIR,--data-dir)
endif

.PHONY: run-emulated
run-emulated: $(VENV)/run $(MINISTACK_VENV)/ministack ## Run the stack on MiniStack, an AWS emulator (PORT=8000 AWS_PORT=8001).
	@$(FOREGROUND) -m infra.emulated run $(call option,PORT,--port) $(call option,AWS_PORT,--aws-port)

.PHONY: pipeline
pipeline: $(VENV)/run ## Create the package of a pipeline, with types, code and a test (NAME=sentiment).
	@$(BIN)/python -m infra.pipeline

.PHONY: demo
demo: $(VENV)/run ## Start the stack, submit 100 drinks and show the results.
	@$(FOREGROUND) -m infra.local demo

.PHONY: chaos
chaos: $(VENV)/run $(MINISTACK_VENV)/ministack ## Kill processes and inject failures under load; fail if a task is lost (TASKS=2000 SEED=1 STACK=local or emulated).
	@$(BIN)/python -m infra.chaos $(call option,TASKS,--tasks) $(call option,SEED,--seed) $(call option,STACK,--stack)

.PHONY: simulate
simulate: $(VENV)/dev ## Run the real code in virtual time under faults; fail if a rule is violated (TASKS=20000 SEED=1 ROUND=).
	@$(BIN)/python -m infra.simulation simulate $(call option,TASKS,--tasks) $(call option,SEED,--seed) $(call option,ROUND,--round)

.PHONY: saboteurs
saboteurs: $(VENV)/dev ## Break the code in many ways; fail if the simulation does not notice one (SEED=1).
	@$(BIN)/python -m infra.simulation saboteurs $(call option,SEED,--seed)

.PHONY: test
test: export PYTHONDONTWRITEBYTECODE := # hundreds of processes import the same modules
# One process more than cores, because some tests wait.
test: $(VENV)/dev $(SAM_VENV)/sam ## Run the tests that need neither TensorFlow, Docker nor AWS.
	@$(BIN)/python -m pytest -p no:schemathesis \
		--numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# mutmut derives the name of a module from its path, so it runs in a folder with links.
.PHONY: mutants
mutants: $(MUTANTS_VENV)/mutants ## Put small faults into the task layer and the worker; list those that no unit test notices (NAMES='tasks.ids.*').
	@rm -rf build/mutants
	@mkdir -p build/mutants
	@ln -s $(addprefix ../../,clients functions infra layers layers/tasks/python/tasks pyproject.toml template.yaml tests) build/mutants
	@cd build/mutants && export PATH="$(CURDIR)/$(MUTANTS_VENV)/bin:$$PATH" PYTHONPATH= && \
		mutmut run $(if $(value NAMES),"$$NAMES",&& mutmut results)

.PHONY: check
check: $(VENV)/dev $(SAM_VENV)/sam $(CHECKOV_VENV)/checkov ## Lint, check types, validate the templates, audit the dependencies.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(SAM) validate --lint
	@$(SAM_VENV)/bin/cfn-lint infra/alarms.yaml
	@SKIP_PACKAGE_UPDATE_CHECK=true $(CHECKOV_VENV)/bin/checkov
	@$(BIN)/python -m infra.ci.audit

.PHONY: format
format: $(VENV)/dev ## Format the code and apply ruff's automatic fixes.
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

# sam builds with python3.13. The first one on the PATH may be a shim that does not run.
WITH_PYTHON = folder=$$($(BIN)/python -m infra.ci.lambda_python) || exit 1; PATH="$$folder:$$PATH"
# Without the user's AWS settings, so that a profile cannot break a build. Nothing is deployed with it.
SAM := env -u AWS_PROFILE -u AWS_DEFAULT_PROFILE AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
	AWS_DEFAULT_REGION=us-east-1 $(SAM_VENV)/bin/sam

.PHONY: build
build: $(SAM_VENV)/sam $(VENV)/dev ## Build the deployment and its software bill of materials (build/sbom).
	@$(WITH_PYTHON) $(SAM) build --parameter-overrides "Architecture=$${ARCHITECTURE:-$(this_architecture)}"
	@$(BIN)/python -m infra.ci.sbom build/sbom

.PHONY: local-api
local-api: $(VENV)/run $(MINISTACK_VENV)/ministack ## Serve the built API with `sam local start-api`, with MiniStack and workers (PORT=3000).
	@docker info >/dev/null 2>&1 || { echo "make local-api needs a Docker engine; start one." >&2; exit 1; }
	@$(MAKE) --no-print-directory build
	@exec $(BIN)/python -m infra.emulated local-api

.PHONY: deploy
deploy: $(SAM_VENV)/sam $(VENV)/dev ## Build and deploy to AWS (STAGE=dev or another section of samconfig.toml; ARCHITECTURE= KEEP_VERSIONS=2).
	@exec $(BIN)/python -m infra.deploy $(call option,STAGE,--stage) \
		$(call option,ARCHITECTURE,--architecture) $(call option,KEEP_VERSIONS,--keep-versions)

.PHONY: add-key
add-key: $(VENV)/run ## Create an API key of a new owner (KEY_NAME= STAGE=dev); print its value.
	@$(FOREGROUND) -m infra.keys add

.PHONY: rotate-key
rotate-key: $(VENV)/run ## Create another API key of the same owner (KEY_ID= STAGE=dev); print its value.
	@$(FOREGROUND) -m infra.keys rotate

.PHONY: revoke-key
revoke-key: $(VENV)/run ## Disable an API key (KEY_ID= STAGE=dev); a second time, delete it.
	@$(FOREGROUND) -m infra.keys revoke

.PHONY: list-keys
list-keys: $(VENV)/run ## List the API keys of a stack without their values (STAGE=dev).
	@$(FOREGROUND) -m infra.keys list

.PHONY: test-page
test-page: $(VENV)/dev ## Test the page in a real browser; needs Chromium on the PATH.
	@$(BIN)/python -m pytest tests/page

.PHONY: lighthouse
lighthouse: $(VENV)/dev ## Print Lighthouse's scores of the page on a phone; needs npm and Chromium on the PATH.
	@$(BIN)/python -m benchmarks.lighthouse

# npm also brings the version of Node that the tests use.
.PHONY: test-typescript
test-typescript: $(VENV)/run ## Check the types of the JavaScript client, and test it on a running stack; needs npm on the PATH.
	@cd clients/typescript && npm install --loglevel error && npm run check && npm test

.PHONY: e2e
e2e: $(VENV)/dev $(MINISTACK_VENV)/ministack ## Test the built functions in their containers; needs a Docker engine and npm.
	@docker info >/dev/null 2>&1 || { echo "make e2e needs a Docker engine; start one." >&2; exit 1; }
	@$(MAKE) --no-print-directory build
	@cd clients/typescript && npm install --loglevel error
	@$(BIN)/python -m pytest tests/e2e

.PHONY: test-fuzz
test-fuzz: $(VENV)/dev ## Send generated requests and events to the API, and compare it with its description.
	@$(BIN)/python -m pytest tests/fuzz

.PHONY: test-emulated
test-emulated: $(VENV)/dev $(MINISTACK_VENV)/ministack ## Run the chaos tests and the adapters on MiniStack.
	@$(BIN)/python -m pytest tests/emulated

.PHONY: test-ministack
test-ministack: $(VENV)/dev $(SAM_VENV)/sam $(MINISTACK_VENV)/ministack ## Deploy the whole template to MiniStack, use it, update it and delete it; in containers if Docker runs.
	@if docker info >/dev/null 2>&1; then $(MAKE) --no-print-directory build; fi
	@$(BIN)/python -m pytest tests/ministack

.PHONY: test-training
test-training: $(VENV)/dev ## Train small models, and compare the engines on them and on the project's own.
	@$(BIN)/python -m pytest -p no:schemathesis --numprocesses auto --maxprocesses 4 --dist loadfile tests/training

.PHONY: test-tutorial
test-tutorial: $(VENV)/dev ## Execute the tutorial in docs/model.md in a copy of the project.
	@$(BIN)/python -m pytest tests/tutorial

.PHONY: test-setup
test-setup: $(VENV)/dev ## Test how make sets up the environments.
	@$(BIN)/python -m pytest tests/setup

.PHONY: test-localstack
test-localstack: $(VENV)/dev ## Run the suites on LocalStack and DynamoDB Local (infra/docker-compose.yml).
	@for port in 4566 8123; do \
		(: >/dev/tcp/127.0.0.1/$$port) 2>/dev/null || { \
			echo "make test-localstack needs LocalStack on port 4566 and DynamoDB Local on port 8123; start them with" >&2; \
			echo "  docker compose -f infra/docker-compose.yml up --detach --wait localstack dynamodb" >&2; exit 1; }; done
	@$(BIN)/python -m pytest --localstack tests/contract tests/integration/test_journey.py tests/localstack

.PHONY: train
train: $(VENV)/train ## Train a model (DATA= COLUMNS= MIN_COUNT= INGREDIENTS= BASE= ADDITIVE= EPOCHS= SEED= OUT= REPLACE=1).
	@$(take_columns) $(FOREGROUND) -m training.train $(columns) $(if $(value REPLACE),--replace) \
		$(call option,MIN_COUNT,--min-count) $(call option,INGREDIENTS,--ingredients) $(call option,BASE,--base) \
		$(call option,ADDITIVE,--additive) $(call option,EPOCHS,--epochs) $(call option,WIDTH,--width) $(call option,SEED,--seed) $(call option,OUT,--out) $(data)

.PHONY: evaluate
evaluate: $(VENV)/train ## Compare the model with baselines (DATA= COLUMNS= MIN_COUNT= INGREDIENTS= DEDUP=1 FOLDS= JSON=).
	@$(take_columns) $(FOREGROUND) -m training.evaluate $(columns) $(if $(value DEDUP),--dedup) \
		$(call option,MIN_COUNT,--min-count) $(call option,INGREDIENTS,--ingredients) $(call option,FOLDS,--folds) $(call option,JSON,--json) $(data)

.PHONY: bench
bench: $(VENV)/dev $(PREDECESSOR_VENV)/predecessor ## Measure the numbers in the README.
	@$(BIN)/python -m benchmarks

.PHONY: capacity
capacity: $(VENV)/dev ## Print what rates of tasks need, where quotas stop them and what they cost (RATE= MEASURE=1 DOCS=1).
	@$(BIN)/python -m infra.capacity $(call option,RATE,--rate) $(if $(value MEASURE),--measure) $(if $(value DOCS),--docs)

.PHONY: requirements
requirements: $(VENV)/uv ## Pin the requirements again (UPGRADE=1 upgrades them).
	@PATH="$(CURDIR)/$(BIN):$$PATH" requirements/compile

.PHONY: clean
clean: ## Remove all environments, builds and caches.
	rm -rf $(VENV) $(SAM_VENV) $(CHECKOV_VENV) $(MINISTACK_VENV) $(MUTANTS_VENV) $(PREDECESSOR_VENV) .aws-sam build .hypothesis .mypy_cache .pytest_cache .ruff_cache .install.lock clients/typescript/node_modules

# The script decides what is missing, and lets only one installation run at a time.
ENVIRONMENTS := $(addprefix $(VENV)/,uv run train dev) $(SAM_VENV)/sam $(CHECKOV_VENV)/checkov \
	$(MINISTACK_VENV)/ministack $(MUTANTS_VENV)/mutants $(PREDECESSOR_VENV)/predecessor
.PHONY: $(ENVIRONMENTS)
$(ENVIRONMENTS):
	@requirements/install $@
