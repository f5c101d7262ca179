# `make run` serves a small sample world, `make test` passes every test; both set everything up first.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run test contract-on-postgresql quick crash bench picture lint check

BIN := .venv/bin
# uv where it is there already, else one of our own beside the environment it makes.
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON ?= python3
DATA ?= data
# Processes that tests run in: twice as many as processors, since tests wait for a quarter of their time; each may have
# servers, a browser and an event store, hence no more than six.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); n=$$((n * 2)); echo $$((n > 6 ? 6 : n)))

help:
	@echo "make setup    make .venv with the heropixel command in it"
	@echo "make run      serve a small sample world and print what to try"
	@echo "make test     pass every test, in some minutes"
	@echo "make contract-on-postgresql  pass the contract with directory and journal in PostgreSQL"
	@echo "make quick    pass those that start no process, in one or two"
	@echo "make crash    break a cluster 50 times, in some ten minutes"
	@echo "make bench    measure, each number beside its ceiling"
	@echo "make picture  take the pictures of README"
	@echo "make lint     style, types and import rules"
	@echo "make check    what CI runs: lint, test and contract-on-postgresql"

# The script that pages load and the dashboard are built with Node 20 or later: the machine's own, or one in the environment.
NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && echo yes)
NPM := $(if $(NODE),npm,PATH="$(CURDIR)/$(BIN):$$PATH" npm)
SCRIPT := src/heropixel/static/pixel.js
DASHBOARD := src/heropixel/static/dashboard/index.html
SOURCES := $(shell find dashboard/src -name '*.graphql' -o -name '*.css' -o -name '*.ts' ! -name '*.graphql.ts' ! -name shapes.ts -o -name '*.tsx')

setup: .venv/.ready $(SCRIPT) $(DASHBOARD)

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv

# Byte code is compiled here and not at the first request: starting takes a third of the time.
.venv/.ready: pyproject.toml uv.lock $(filter .uv/bin/uv,$(UV))
	$(UV) sync --locked --compile-bytecode --quiet
	@touch $@

$(BIN)/npm: .venv/.ready
	$(UV) sync --locked --group build --compile-bytecode --quiet
	@touch $@

%/node_modules/.ready: %/package.json %/package-lock.json $(if $(NODE),,$(BIN)/npm)
	$(NPM) ci --prefix $* --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(SCRIPT): pixel/node_modules/.ready pixel/build.mjs $(wildcard pixel/src/*.ts)
	$(NPM) run --prefix pixel --silent build

$(DASHBOARD): dashboard/node_modules/.ready dashboard/build.mjs dashboard/codegen.mjs dashboard/countries.mjs dashboard/index.html dashboard/explore.html src/heropixel/api/schema.graphql $(SOURCES)
	$(NPM) run --prefix dashboard --silent build

run: setup
	$(BIN)/heropixel --data $(DATA) serve --sample samples/users.csv $(ARGS)

# Each process of a run would compile all tests again where Python is told to keep no byte code.
test contract-on-postgresql quick: export PYTHONDONTWRITEBYTECODE =

test: setup
	$(NPM) run --prefix dashboard --silent test
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Directory and journal of every world are in PostgreSQL then. Of the crashes it takes those of a server's parts.
contract-on-postgresql: export TEST_STORES = postgresql
contract-on-postgresql: setup
	$(BIN)/pytest -n $(WORKERS) --dist worksteal tests/contract tests/crash/test_parts.py $(ARGS)

quick: setup
	EXAMPLES=8 $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not process" $(ARGS)

crash: setup
	$(BIN)/python -m tests.cluster.faults $(ARGS)

# What a node is measured beside. The other groups stay.
.venv/.bench: .venv/.ready
	$(UV) sync --locked --inexact --group bench --compile-bytecode --quiet
	@touch $@

bench: setup .venv/.bench
	$(BIN)/python -m benchmarks $(ARGS)

picture: setup
	$(BIN)/python -m tests.chromium.dashboard.picture

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --prefix pixel --silent check
	$(NPM) run --prefix dashboard --silent check

check: lint test contract-on-postgresql
