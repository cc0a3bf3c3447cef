# Every target does the set-up it needs, into .venv. `make` alone lists them.
SHELL := bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test nightly bench check format tables lock clean

BIN := .venv/bin
CASE := cases/prostate/vision-population.yaml
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

demo: $(RUNTIME)  ## decide one shipped case and print the proof of its first option
	@$(BIN)/txselect recommend $(CASE)
	@echo
	@$(BIN)/txselect why $(CASE) psma_radioligand

test: $(DEVELOPMENT)  ## the whole test suite (ARGS="-k name" narrows it)
	@$(BIN)/python -m pytest $(ARGS)

nightly: $(DEVELOPMENT)  ## the same tests with many more random examples
	@TXSELECT_NIGHTLY=1 $(BIN)/python -m pytest $(ARGS)

bench: $(DEVELOPMENT)  ## the benchmarks
	@mkdir -p .benchmarks
	@$(BIN)/python -m pytest benchmarks --ignore=benchmarks/solvers --benchmark-only --benchmark-json=.benchmarks/latest.json $(ARGS)
	@$(BIN)/python benchmarks/report.py .benchmarks/latest.json

check: $(DEVELOPMENT)  ## formatting, lint, types and the import contracts
	@echo "ruff format" && $(BIN)/ruff format --quiet --check .
	@echo "ruff check" && $(BIN)/ruff check --quiet .
	@echo "mypy" && $(BIN)/mypy --strict src
	@echo "import-linter" && $(BIN)/lint-imports
	@echo "tables" && $(BIN)/python scripts/knowledge-tables --check

tables: $(DEVELOPMENT)  ## the tables of docs/knowledge/, from the rules
	@$(BIN)/python scripts/knowledge-tables

format: $(DEVELOPMENT)  ## write what `make check` would ask for
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

lock: $(RUNTIME)  ## write the lock files anew (UPGRADE=1 takes newer versions)
	@scripts/set-up lock
	@echo "resolving" && $(COMPILE) --output-file requirements/runtime.txt pyproject.toml
	@$(COMPILE) --output-file requirements/dev.txt --constraint requirements/runtime.txt --extra spark --group dev pyproject.toml
	@$(COMPILE) --output-file requirements/build.txt --constraint requirements/dev.txt --group pyproject.toml:build
	@$(COMPILE) --output-file requirements/lock.txt --group pyproject.toml:lock

clean:  ## remove the environment, builds and caches
	@rm -rf .venv dist build .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): pyproject.toml requirements/build.txt requirements/runtime.txt scripts/set-up
	@scripts/set-up runtime
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements/dev.txt
	@scripts/set-up development
	@touch $@
