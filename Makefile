# `make` lists the targets. `make demo` and `make test` do all the set-up they need.
.DEFAULT_GOAL := help
PYTHON ?= python3
DEMO ?= demo
TITLE_PAIRS ?= ../shared/data/title-pairs.csv
ROWS ?= 1000000
READY := .venv/.ready

.PHONY: help setup demo test check format bench bench-catalogue lock clean

help:  ## list the targets
	@echo "mixminus: mine original/instrumental pairs, train vocal separation"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" bash .ci/setup

setup: $(READY)  ## virtual environment, locked packages, system libraries

demo: $(READY)  ## the whole chain on generated songs: catalogue, mining, training, scores, report (minutes)
	.venv/bin/mixminus demo $(DEMO)

test: $(READY)  ## every test
	.venv/bin/python -m pytest -q

check: $(READY)  ## formatter, linter, types, import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: $(READY)  ## format and mend what can be mended
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: $(READY)  ## benchmarks, as ratios against a peer or a floor
	.venv/bin/python -m pytest -q -m bench tests/benches -s

bench-catalogue: $(READY)  ## metadata matching of ROWS tracks against Splink and a plain join
	.venv/bin/python -m tests.benches.catalogue --rows $(ROWS) $(if $(JSON),--json $(JSON))

bench-titles: $(READY)  ## metadata matching on 51,000 made-up pairs, and on the judged ones in TITLE_PAIRS
	.venv/bin/python -m tests.benches.titles --all --pairs "$(TITLE_PAIRS)"

lock:  ## write requirements.lock anew from pyproject.toml (needs uv)
	bash .ci/lock

clean:  ## remove the virtual environment, caches and the demo
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info $(DEMO)
