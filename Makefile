# Every target first brings .venv up to date, which takes no time when nothing changed.
# PYTHON=python3.12 names the interpreter, ARGS="-k journal" adds to what pytest is told,
# WORKERS=0 runs the tests one by one.

bin := .venv/bin
unattended := not docker and not faults
# Most tests wait for processes, so that two at a time take little more than half the time.
side_by_side = -n $(WORKERS) --dist worksteal
WORKERS ?= 2
UV ?= uv
UPGRADE ?=
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: help run setup test test-all test-faults test-docker lint bench screenshot lock clean

help: ## Lists what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 14

run: setup ## Starts Stripchart, with a Redis of its own if there is none; Ctrl-C ends it
	@exec $(bin)/stripchart up

setup: ## Makes .venv with the locked packages and builds the page
	@scripts/setup

test: ## Runs the tests but the longest; those that need a program that is not here say so
	@scripts/setup test
	$(bin)/python -m pytest $(side_by_side) -m "$(unattended) and not long" $(ARGS)

test-all: ## Runs every test but Docker's, the page's own too; redis-server, Chromium and mosquitto must be here
	@scripts/setup test frontend
	TEST_DEMAND=redis,browser,mqtt $(bin)/python -m pytest $(side_by_side) \
		--hypothesis-profile thorough -m "$(unattended)" $(ARGS)
	PATH="$(CURDIR)/$(bin):$$PATH" npm test

test-faults: ## Kills every process a hundred times, and tests the checker; redis-server must be here
	@scripts/setup test
	TEST_DEMAND=redis $(bin)/python -m pytest -m faults $(ARGS)

test-docker: ## Builds the image and tests what compose.yaml starts; needs a Docker engine
	@scripts/setup test
	TEST_DEMAND=docker $(bin)/python -m pytest -m docker tests/docker $(ARGS)

lint: ## Checks style, types and the direction of imports
	@scripts/setup test lint frontend
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports
	PATH="$(CURDIR)/$(bin):$$PATH" npm run --silent check

bench: ## Measures the figures of docs/benchmarks.md
	@scripts/setup test frontend
	$(bin)/python -m benchmarks $(ARGS)

screenshot: ## Takes the README's pictures of the page; redis-server and Chromium must be here
	@scripts/setup test
	$(bin)/python scripts/screenshot

lock: ## Writes the locks anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(compile) pyproject.toml --extra embedded -o requirements/run.txt
	$(compile) pyproject.toml -c requirements/run.txt -o requirements/image.txt
	for group in test lint build node; do \
		$(compile) --group $$group -c requirements/run.txt -o requirements/$$group.txt || exit 1; \
	done

clean: ## Removes all that was made, but not the data
	rm -rf .venv node_modules build dist services/web/static/dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find services tests benchmarks -type d -name __pycache__ -exec rm -rf {} +
