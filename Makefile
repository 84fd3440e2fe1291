# Every target works alone on a fresh machine with Python 3.11 or newer, make and a package index:
# the environment is built first, from the locked versions with their hashes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup report docs test test-slow fuzz lint lab bench national lock schemas catalogue clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## Build the environment in .venv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Python 3.11 or newer is needed, this is {v.major}.{v.minor}. Try: make PYTHON=python3.12")'
	@echo "Building the environment in $(VENV) from locked versions: a few minutes, once."
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

report: $(READY) ## Render the reports of San Luis Potosí 2025 and of the example
	$(BIN)/workbench run params/gdm-slp-2025.yml
	$(BIN)/workbench run params/gdm-ejemplo.yml

test: $(READY) ## Run the tests and the small notebooks
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"
	$(BIN)/python -m pytest --nbval -p no:xdist tests/notebooks

fuzz: $(READY) ## Read 20,000 faulty inputs, and print what came by reader and kind of fault
	$(BIN)/python -m tests.fuzz --cases 20000 --workers $(WORKERS)

test-slow: $(READY) ## Run the tests that take minutes: whole runs, a clean project
	$(BIN)/python -m pytest -n $(WORKERS) -m slow

lint: $(READY) ## Check style, types, schemas and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy workbench
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/check-jsonschema --schemafile workbench/specs/schemas/instrument.json data/instruments/*.yml
	$(BIN)/check-jsonschema --schemafile workbench/specs/schemas/study.json params/*.yml params/*/*.yml
	$(BIN)/check-jsonschema --schemafile workbench/specs/schemas/roadmap.json data/cases/*/hoja-de-ruta.yml

lab: $(READY) ## Open JupyterLab at the door of the project
	$(BIN)/jupyter lab notebooks/index.ipynb

docs: $(READY) ## Build the documentation into docs/_build; open index.html there
	rm -rf docs/_build
	$(BIN)/python -m sphinx --quiet --fail-on-warning --builder html docs docs/_build

bench: $(READY) ## Measure; figures are ratios within one run
	$(BIN)/python benchmarks/scoring.py
	$(BIN)/python benchmarks/distance.py
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/comparisons.py

national: $(READY) ## Make a project with a made-up nation in outputs/nation and run all its reports
	$(BIN)/python benchmarks/made_up_nation.py outputs/nation
	cd outputs/nation && $(CURDIR)/$(BIN)/workbench run params/nacion-ejemplo.yml

lock: $(READY) ## Resolve the locked versions anew
	$(BIN)/uv pip compile pyproject.toml --all-extras --group docs --group test --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --upgrade \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock

schemas: $(READY) ## Write the JSON schemas from the models
	$(BIN)/python -m workbench.specs.schema_files

catalogue: $(READY) ## Bring the language catalogues up to date with the code
	$(BIN)/python -m workbench.language.extract

clean: ## Remove caches; runs in outputs/ stay
	rm -rf docs/_build docs/_generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
