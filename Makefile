# Each target sets up what it needs: the Debian packages that are missing, a virtual environment, pinned dependencies.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
RUN_STAMP := $(VENV)/.run.stamp
DEV_STAMP := $(VENV)/.dev.stamp
TEST_PACKAGES := requirements/debian-test.txt
RUN_PACKAGES := requirements/debian-run.txt

.PHONY: help demo run test lint bench package test-package lock clean system-run system-test system-package

help: ## what each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUN_STAMP) ## the whole flow with a vault and a database of its own
	$(PY) -m keeperdb demo

run: $(RUN_STAMP) ## open the window
	$(PY) -m keeperdb

test: $(DEV_STAMP) ## every test, against real servers on loopback
	$(PY) -m pytest -n 2 --dist worksteal $(TESTS)

lint: $(DEV_STAMP) ## formatter, linter, types, import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(DEV_STAMP) ## measure and print the figures of the README
	$(PY) -m benchmarks

package: $(DEV_STAMP) system-package ## a wheel, a folder that needs no Python, and a .deb, in dist/
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(PY) -m PyInstaller --noconfirm --log-level ERROR --distpath dist --workpath build packaging/desktop/keeperdb.spec
	PYTHON=$(PY) packaging/desktop/build-deb dist/keeperdb dist

test-package: package ## install the .deb in a clean root, start it from its desktop entry, take a picture (root)
	packaging/desktop/test-deb dist/keeperdb_*.deb artefacts/package.png

lock: ## resolve the pinned dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements/run.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements/dev.txt

clean: ## remove what the targets made
	rm -rf $(VENV) build dist artefacts .pytest_cache .mypy_cache .ruff_cache

system-run:
	@packaging/debian-packages $(RUN_PACKAGES)

system-test:
	@packaging/debian-packages $(RUN_PACKAGES) $(TEST_PACKAGES)

system-package:
	@packaging/debian-packages $(RUN_PACKAGES) $(TEST_PACKAGES) requirements/debian-package.txt

$(VENV)/bin/python: | system-run
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt $(VENV)/bin/python | system-run
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(VENV)/bin/python | system-test
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(RUN_STAMP)
