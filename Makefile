# The two commands to know: make demo, make test. A fresh machine needs Python 3.10 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# An environment with the oldest supported Checkov and nothing of ours, for the tests.
OLDEST := .venv-oldest
OLDEST_STAMP := $(OLDEST)/.ready
OLDEST_CHECKOV := $(shell sed -n 's/^dependencies = .*checkov>=\([0-9.]*\).*/\1/p' pyproject.toml)

# An environment with cosmic-ray as well.
MUTANTS := .venv-mutants
MUTANTS_STAMP := $(MUTANTS)/.ready

.PHONY: demo test slow fuzz scan pages rule lint mutants clean

demo: $(STAMP)
	@$(BIN)/python scripts/demo.py

test: $(STAMP) $(OLDEST_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n 2 -m "not slow"

# What takes minutes: run it before a change of the engine is called done.
slow: $(STAMP) $(OLDEST_STAMP)
	@$(BIN)/pytest -n 2 -m slow

# Twenty times as many generated deployments as `make test`, and others each time; some minutes.
fuzz: $(STAMP)
	@OPENAI_PHI_FUZZ=20 $(BIN)/pytest -n 2 tests/properties

scan: $(STAMP)
	@test -n "$(DIR)" || { echo "usage: make scan DIR=folder"; exit 64; }
	@$(BIN)/python scripts/scan.py "$(DIR)"

# Draws the README's pictures and writes the generated pages again.
pages: $(STAMP)
	@$(BIN)/python scripts/pages.py
	@$(BIN)/python scripts/pictures.py

# The files that a new rule needs: make rule NAME=what_it_flags ID=OAI_GROUP_NUMBER
rule: $(STAMP)
	@$(BIN)/python scripts/new_rule.py "$(NAME)" "$(ID)"

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/mypy

# Puts 600 small faults into the engine and says which of them no test notices; at most an hour.
mutants: $(MUTANTS_STAMP)
	@PYTHONHASHSEED=0 $(MUTANTS)/bin/python scripts/mutants.py $(ARGS)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed; set PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(STAMP)

$(OLDEST_STAMP): pyproject.toml
	@test -x $(OLDEST)/bin/python || $(PYTHON) -m venv $(OLDEST)
	@$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check 'checkov==$(OLDEST_CHECKOV)'
	@touch $(OLDEST_STAMP)

$(MUTANTS_STAMP): pyproject.toml constraints.txt
	@test -x $(MUTANTS)/bin/python || $(PYTHON) -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,mutants]'
	@touch $(MUTANTS_STAMP)

clean:
	rm -rf $(VENV) $(OLDEST) $(MUTANTS) .mutants .mypy_cache .ruff_cache .pytest_cache
