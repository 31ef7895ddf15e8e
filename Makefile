# Two commands are all a newcomer needs: `make demo` and `make test`. Both set everything up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test lint types check clean

setup: $(STAMP)

# The stamp is older than these two files only after an edit: a second `make` installs nothing.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Segue needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Segue and its models into $(VENV) (about 1 GB, a minute or two) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on -e '.[dev]' -c constraints.txt
	@touch $@

demo: setup
	@$(BIN)/segue demo $(if $(KEEP),--keep)

test: lint types
	@$(BIN)/python -m pytest -m 'not alone' --numprocesses auto --dist worksteal
	@$(BIN)/python -m pytest -m alone --numprocesses 2 --dist worksteal

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

clean:
	rm -rf $(VENV) .segue out
