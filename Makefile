# Everything a newcomer needs. `make help` lists it.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
PACKAGES := $(patsubst %/pyproject.toml,%,$(wildcard core/pyproject.toml sdk/pyproject.toml sdk/city/pyproject.toml connectors/*/pyproject.toml))
CONSOLE := $(shell git ls-files -- ui 2>/dev/null)
ARGS ?=

.PHONY: help demo test lint lint-python lint-console bench soak pin clean setup setup-test

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

demo: setup ## Start the hub with the demo city (ARGS="--city new-orleans --speed 60" for real data)
	@exec $(BIN)/watchfloor demo $(ARGS)

test: setup-test ## Run all tests: unit, contract, survival, and end to end in a real browser
	@$(BIN)/python tests/run.py $(ARGS)

lint: setup-test ## Linters, types, layers, console checks
	@$(MAKE) --no-print-directory --jobs=2 --output-sync lint-python lint-console

lint-python:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lint-console:
	@cd ui && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check

bench: setup-test ## Measure; prints a table and JSON
	@$(BIN)/python tests/benchmarks $(ARGS)

soak: setup-test ## The long survival runs (1,000 kills)
	@WATCHFLOOR_KILLS=1000 $(BIN)/python -m pytest -m survival -p no:cacheprovider $(ARGS)

pin: $(BIN)/uv ## Pin the requirements anew
	@for f in uv server test; do $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --universal --python-version 3.11 requirements/$$f.in -o requirements/$$f.txt; done

clean: ## Remove what was installed and built (not the demo's data)
	@rm -rf $(VENV) ui/node_modules ui/src/watchfloor_ui/static

setup: $(VENV)/.packages $(VENV)/.console ## Install what the hub needs into .venv
setup-test: setup $(VENV)/.test ## Install what the tests need, Chromium included

$(BIN)/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it and run this again." >&2; exit 1; }
	@echo "Setting up in $(VENV) (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.server: requirements/server.txt $(BIN)/uv
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/server.txt
	@touch $@

$(VENV)/.packages: $(VENV)/.server $(addsuffix /pyproject.toml,$(PACKAGES))
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(PACKAGES))
	@touch $@

$(VENV)/.console: $(VENV)/.server $(CONSOLE)
	@echo "Building the console ..."
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e ./ui
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.server
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/test.txt
	@touch $@
