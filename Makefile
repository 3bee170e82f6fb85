# Two commands do everything on a fresh machine with make and any Python >= 3.12: `make demo` and `make test`.
# PYTHON=/path/to/python overrides the search below.

VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo-output
PART ?=
FOUND := $(shell for p in $(PYTHON) python3.12 python3.13 python3.14 python3 python; do \
  if "$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then echo "$$p"; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench nightly clean

help:
	@echo "make demo     install, run everything on the example company, print where the report is"
	@echo "make test     install, run the tests"
	@echo "make lint     ruff, mypy --strict, import-linter"
	@echo "make bench    the short benchmarks; results in benchmarks/results"
	@echo "make nightly  the long studies (PART=name runs one)"
	@echo "make clean    remove what these commands made"

$(BIN)/python:
	@if [ -z "$(FOUND)" ]; then \
	  echo "Mixwise needs Python 3.12 or newer with venv and pip, and none was found: install it (on Debian: python3, python3-venv), or name one with PYTHON=/path/to/python." >&2; \
	  exit 1; fi
	@echo "Making $(VENV) with $(FOUND)"
	@"$(FOUND)" -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the pinned packages (some minutes, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing the pinned test tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/mixwise demo --out $(OUT)

test: $(VENV)/.dev
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadscope $(PYTEST_ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.short

nightly: $(VENV)/.dev
	@$(BIN)/python -m benchmarks.nightly $(PART)

clean:
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
