# marquery: `make demo` and `make test` are all a fresh machine needs (Python >= 3.11, Linux).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Processes that share the tests, each a file at a time: `make test JOBS=1` for one after another.
JOBS   ?= 2
SHARED := $(if $(filter-out 1,$(JOBS)),-n $(JOBS) --dist loadfile --no-loadscope-reorder)

.DEFAULT_GOAL := help
.PHONY: help demo encoder test slow scale lint docs bench pictures clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

# The environment is rebuilt when the declared dependencies change, and only then.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "marquery needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "setting up $(VENV) (a few minutes: PyTorch is large)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all]'
	@touch $(STAMP)

demo: $(STAMP)  ## the whole story on real logos, ends in runs/demo/report.html
	$(BIN)/marquery demo

encoder: $(STAMP)  ## train an encoder as the package's, in two phases; killed, it goes on where it was
	$(BIN)/python tools/train_encoder.py

test: $(STAMP)  ## set up, then the tests, but for the slow ones
	$(BIN)/python -m pytest -q $(SHARED)

slow: $(STAMP)  ## the slow tests: wheel and sdist in fresh environments, oldest dependencies, commands of the docs
	$(BIN)/python -m pytest -q -m slow

scale: $(STAMP)  ## the tests of many machines: Ray, Milvus, object storage; installs what they need first
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[scale]' 'moto[server]>=5.2' 'milvus==2.3.5'
	$(BIN)/python -m pytest -q -m 'slow or not slow' tests/distributed tests/index/test_table_contract.py tests/index/test_distant_stores.py

lint: $(STAMP)  ## ruff (lint and format) and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)  ## the site, into site/; a broken link or a missing anchor is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "the site is in site/index.html"

bench: $(STAMP)  ## each benchmark, against its rival in the same run
	@for b in benchmarks/[a-z]*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

pictures: $(STAMP)  ## every picture of the README and docs, drawn anew from what is built or measured here
	$(BIN)/python tools/docs/make_pictures.py

clean:  ## remove the environment, runs and caches (data/ is kept)
	rm -rf $(VENV) runs build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
