# Pulse. `make demo` and `make test` are complete on a fresh machine with python3 >= 3.11, git and make.
.DELETE_ON_ERROR:
.PHONY: help setup demo bluesky test explore check format bench reference messages clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/ready ## Create the environment in .venv; .venv/bin/pulse then works

$(VENV)/ready: requirements/build.txt requirements/dev.txt pyproject.toml scripts/build_web.py src/pulse/web/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Pulse needs Python 3.11 or newer; set PYTHON=/path/to/it"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/build.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python scripts/build_web.py
	@touch $@

demo: setup ## The whole story in five minutes, without network: feeds in, checked posts out
	$(BIN)/pulse demo

bluesky: setup ## Install a real Bluesky server for the demo and the tests (some 420 MB from npm); the demo then posts there, too
	$(BIN)/python -c 'from tests.servers.pds import install_pds; print(install_pds())'

test: setup ## All tests, on real parts; installs what they need
	scripts/test_parts
	scripts/run_tests

explore: setup ## Look for new counter-examples of the property tests
	$(BIN)/pytest --hypothesis-profile=explore -m hypothesis --timeout 1200 tests/unit tests/contract

check: setup ## Format, lint, strict types, import rules, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/write_reference.py --check

format: setup ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: setup ## Write docs/reference anew from the code
	$(BIN)/python scripts/write_reference.py

messages: setup ## Bring the translations up to date with the texts of the code
	$(BIN)/python scripts/messages.py

bench: setup ## Measure; prints tables with the peers of the same run
	$(BIN)/python -m benchmarks $(DATA)

clean: ## Remove the environment and caches
	rm -rf $(VENV) .cache build .mypy_cache .ruff_cache .pytest_cache .hypothesis
