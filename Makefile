# One door per task. Every target prepares what it needs first; the second time that costs nothing to speak of.

PYTHON ?= python3
BIN := .venv/bin
SETUP := $(PYTHON) tools/setup.py

BASKETS ?= 200
SEEDS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help setup run-ready dev-ready demo test coverage check bench drills simulate replay pages reference docs lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything: locked packages, the program, system packages for the tests
	@$(SETUP) run dev replay system

run-ready:
	@$(SETUP) run

dev-ready:
	@$(SETUP) run dev replay

demo: run-ready ## a whole shop on this machine: station, device twin, switchboard, pages (PACK=fiscal-by: by those rules)
	@$(BIN)/tillwright demo $(if $(PACK),--pack $(PACK))

test: setup ## all tests, in random order, on two cores
	@$(BIN)/python -m pytest -n 2

coverage: dev-ready ## branch coverage of the pure rooms; below 100 % it fails and says where
	@$(BIN)/python tools/coverage.py

check: dev-ready ## style, types, house rules, imports, migrations, translations, safety, documentation
	@$(BIN)/python tools/check.py

bench: dev-ready ## measure operations, diagnosis and search, beside named references
	@$(BIN)/tillwright bench operations
	@$(BIN)/tillwright bench diagnosis
	@$(BIN)/tillwright bench search

drills: run-ready ## bring every fault about in real processes, and see it explained and mended (20 minutes)
	@$(BIN)/tillwright drill --all

simulate: run-ready ## SEEDS worlds on virtual time, beside a till as they are usually written
	@$(BIN)/tillwright simulate --seeds $(SEEDS) --against naive

replay: dev-ready ## BASKETS real baskets through real processes that are killed at random
	@$(BIN)/tillwright replay completejourney --baskets $(BASKETS) --faults rough

pages: setup ## pictures of every page in every language, into build/pages
	@$(BIN)/python -m pytest -n 0 -p no:randomly tests/browser --screenshots build/pages

reference: dev-ready ## the reference pages and pictures of docs/, made anew from the code
	@$(BIN)/python -m tools.reference

docs: reference ## the documentation as a site, into build/docs
	@$(BIN)/zensical build --strict --config-file mkdocs.yml

lock: ## renew the locked versions from the lists in pyproject.toml
	@$(SETUP) lock

clean: ## remove what building and testing made (not .venv, not var/ with the stations' data)
	@rm -rf build site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
