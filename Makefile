# Two commands do everything on a fresh machine with Python 3.11: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false

.PHONY: run up test bench format clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $(READY)

run: $(READY) ## carry Yueyang's 2024 call through real flow runs, then end
	$(BIN)/beian demo

up: $(READY) ## the same, and keep server and worker running
	$(BIN)/beian up

test: $(READY) ## format, lint, types, import contract, all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyrefly check --summarize-errors
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2

bench: $(READY) ## speed, as ratios to a bare baseline, into out/bench.json
	$(BIN)/python -m benchmarks

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) out build *.egg-info
