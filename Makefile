# Every target sets up what it needs; a machine with Python 3.11+ (venv, pip) and make is enough to start.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .run/uv/bin/uv
RUN := .venv/bin
export UV_LINK_MODE ?= copy
# Without compiled modules each of a dozen processes would compile all of its packages at its start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo up demo-kafka parts-up parts-down check format test conformance bench bench-short profiles profiles-check down clean

help: ## What can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or later is needed: install it (Debian: apt install python3 python3-venv) and run make again."; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv and pip are needed: install them (Debian: apt install python3-venv python3-pip) and run make again."; exit 3; }
	@echo "Setting up the pinned uv $(UV_VERSION) …"
	@$(PYTHON) -m venv .run/uv && .run/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Quiet when there is nothing to fetch; shows uv's progress on a first run.
setup: $(UV)
	@$(UV) sync --frozen --no-dev --inexact --python $(PYTHON) $(if $(wildcard $(RUN)/lahetti),--quiet)

setup-dev: $(UV)
	@$(UV) sync --frozen --python $(PYTHON) $(if $(wildcard $(RUN)/pytest),--quiet)

demo: setup ## The whole loop on this machine, nothing else installed; a live table
	@$(RUN)/lahetti demo

up: setup ## The same system, kept running, with URLs and curl lines to try
	@$(RUN)/lahetti up

demo-kafka: setup ## The same cases on Apache Kafka, PostgreSQL and Redis, every role its own process
ifeq ($(PARTS),compose)
	@LAHETTI_TEST_KAFKA=127.0.0.1:19092 LAHETTI_TEST_POSTGRES=postgresql://lahetti:lahetti@127.0.0.1:15432/lahetti \
	  LAHETTI_TEST_REDIS=redis://127.0.0.1:16379/0 $(RUN)/lahetti demo --kafka
else
	@$(RUN)/python scripts/parts up
	@eval "$$($(RUN)/python scripts/parts env | sed 's/^/export /')" && $(RUN)/lahetti demo --kafka
endif

check: setup-dev ## Lint, types, layers, house rules: seconds
	@$(RUN)/ruff format --check .
	@$(RUN)/ruff check .
	@$(RUN)/lint-imports --no-cache
	@$(RUN)/pyright
	@$(RUN)/pytest -q tests/house

format: setup-dev ## Put the code in the house's form
	@$(RUN)/ruff format .
	@$(RUN)/ruff check --fix .

test: setup-dev ## All tests, the services they need included
	@$(RUN)/python scripts/test.py

conformance: setup-dev ## HL7's own validator and clients that are not ours, against this system
	@$(RUN)/python scripts/conformance

bench: setup-dev ## The benchmarks, on real Kafka, PostgreSQL and Redis
	@$(RUN)/python scripts/parts up
	@$(RUN)/python scripts/bench

bench-short: setup-dev ## Every benchmark, short: that it runs and loses nothing
	@$(RUN)/python scripts/parts up
	@$(RUN)/python scripts/bench --short

profiles: ## Compile the FHIR profiles into JSON, a package and pages
	@$(PYTHON) scripts/profiles build

profiles-check: ## Whether what is committed of them is what they compile to
	@$(PYTHON) scripts/profiles check

parts-up: setup ## Start Kafka, PostgreSQL and Redis of this clone
	@$(RUN)/python scripts/parts up

down: ## Stop them
	@if [ -x $(RUN)/python ]; then $(RUN)/python scripts/parts down; fi

clean: down ## Remove all that was made here
	@rm -rf .run .venv
