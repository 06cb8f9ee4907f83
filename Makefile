# Every target first updates .venv, which takes no time if nothing has changed.
# PYTHON=python3.12 names the interpreter, ARGS="-k journal" adds arguments for pytest,
# WORKERS=0 runs the tests one by one.

bin := .venv/bin
unattended := not docker and not faults
demanded := redis,browser,firefox,mqtt,nginx,caddy,influx,systemd,clients,node,packages
# Many tests wait for processes, so three in parallel keep two cores busy.
side_by_side = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
WORKERS ?= 3
# The tests start hundreds of Python processes, each of which would compile the modules anew.
unexport PYTHONDONTWRITEBYTECODE
UV ?= uv
UPGRADE ?=
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

.PHONY: help run setup test test-all test-faults test-docker lint bench screenshot lock clean

help: ## Lists the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 14

run: setup ## Starts Stripchart, and a Redis server if there is none; Ctrl-C ends it
	@exec $(bin)/stripchart up

setup: ## Creates .venv with the locked packages and builds the page
	@scripts/setup

test: ## Runs all but the longest tests; skips tests that need a missing program
	@scripts/setup test
	$(bin)/python -m pytest $(side_by_side) -m "$(unattended) and not long" $(ARGS)

test-all: ## Runs all tests except Docker's; needs the programs that .ci/run installs
	@scripts/setup test clients frontend
	TEST_DEMAND=$(demanded) $(bin)/python -m pytest $(side_by_side) \
		--hypothesis-profile thorough -m "$(unattended)" $(ARGS)
	PATH="$(CURDIR)/$(bin):$$PATH" npm test

test-faults: ## Kills every process a hundred times, and tests the checker; needs redis-server
	@scripts/setup test
	TEST_DEMAND=redis $(bin)/python -m pytest -m faults $(ARGS)

test-docker: ## Builds the image and tests compose.yaml; needs a Docker engine
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

screenshot: ## Takes the README's pictures of the page; needs redis-server and Chromium
	@scripts/setup test
	$(bin)/python scripts/screenshot

lock: ## Writes the locks from pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(compile) pyproject.toml --extra embedded -o requirements/run.txt
	$(compile) pyproject.toml -c requirements/run.txt -o requirements/image.txt
	for group in test lint build node; do \
		$(compile) --group $$group -c requirements/run.txt -o requirements/$$group.txt || exit 1; \
	done
	$(compile) --group clients -c requirements/run.txt -c requirements/test.txt -o requirements/clients.txt

clean: ## Removes everything that was built, but not the data
	rm -rf .venv node_modules build dist services/web/static/dist
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find services tests benchmarks -type d -name __pycache__ -exec rm -rf {} +
