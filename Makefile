# Each target is the only command needed in a fresh clone: all of them first see to .venv.
# Needed: make, Python 3.11 or newer with venv, and a network to PyPI the first time.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?=
ARGS ?=
UPGRADE ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check lint types contracts catalogues bench run lock clean

help: ## say what can be done here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  More arguments go in ARGS: make test ARGS="-k store"'

demo: $(STAMP) ## try Hilo on this machine: a local Telegram, a page, a clock to turn
	@$(BIN)/hilo demo $(ARGS)

run: $(STAMP) ## run the bot with the settings of HILO_HOME and HILO_*
	@$(BIN)/hilo run $(ARGS)

test: $(STAMP) ## run every test
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: lint types contracts catalogues ## lint, formatting, types, import contracts, catalogues

lint: $(STAMP)
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --quiet --check .
	@echo 'ruff: clean'

types: $(STAMP)
	@$(BIN)/python -m mypy

contracts: $(STAMP)
	@$(BIN)/lint-imports --no-logo

catalogues: $(STAMP)
	@$(BIN)/python -m locales.check

bench: $(STAMP) ## measure Hilo against its peers
	@$(BIN)/python -m tests.bench $(ARGS)

# The locks serve every Python from 3.11 on and every platform, and name no index: whoever installs chooses one.
# Pins stay as they are unless pyproject.toml asks for more; UPGRADE=1 takes the newest of everything.
lock: $(STAMP) ## write both requirements locks anew (fetches uv from PyPI; UPGRADE=1 for the newest)
	@set -e; scratch=$$(mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	$(BIN)/python -m venv "$$scratch/venv"; \
	"$$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	compile() { \
	  "$$scratch/venv/bin/uv" pip compile pyproject.toml --quiet --no-config \
	    --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-index-annotation "$$@"; \
	}; \
	finish() { \
	  { echo "# $$2 Made by \"make lock\" from pyproject.toml; do not edit."; cat "$$scratch/$$1"; } >"$$scratch/new"; \
	  cp "$$scratch/new" "$$1"; \
	  echo "$$1: $$(grep -c '==' "$$1") packages"; \
	}; \
	cp requirements.lock "$$scratch/requirements.lock"; \
	compile --group dev $(if $(UPGRADE),--upgrade) --output-file "$$scratch/requirements.lock"; \
	finish requirements.lock 'What Hilo runs and is tested with.'; \
	compile --constraint requirements.lock --output-file "$$scratch/requirements-run.lock"; \
	finish requirements-run.lock 'What Hilo runs with, as requirements.lock has it.'

clean: ## remove what was made here, .venv too; hilo-data stays
	@rm -rf $(VENV) build dist test-results .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The venv is kept while its Python works, so a changed lock costs only what changed.
$(STAMP): requirements.lock pyproject.toml
	@set -e; \
	fits() { "$$1" -c "import sys, $$2; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; }; \
	if ! fits $(BIN)/python pip; then \
	  found=; \
	  for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	    if fits "$$candidate" 'ensurepip, venv'; then found=$$candidate; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo 'Hilo needs Python 3.11 or newer with its venv module, and found none on the PATH.' >&2; \
	    echo 'Debian, Ubuntu: apt install python3 python3-venv. macOS: brew install python@3.13.' >&2; \
	    echo 'A Python that stands elsewhere: make PYTHON=/path/to/python3 ...' >&2; \
	    exit 1; \
	  fi; \
	  "$$found" -m venv --clear $(VENV); \
	fi; \
	echo "Installing into $(VENV) (the first time takes a minute or two)..."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .; \
	touch $@
