# Two commands do everything on a fresh machine with Python 3.11: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STORY := out/story/beian.db
export DO_NOT_TRACK = 1
# The databases of tests are thrown away: they need no disk, where the machine has a folder in memory.
export PYTEST_DEBUG_TEMPROOT ?= $(wildcard /dev/shm)
# Tests start a hundred processes: what one has compiled the next need not.
export PYTHONDONTWRITEBYTECODE =
export PREFECT_SERVER_ANALYTICS_ENABLED = false

.PHONY: run up test e2e storm surge bench format clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $(READY)

run: $(READY) ## carry the example calls through real flow runs, then end
	$(BIN)/beian demo

up: $(READY) ## serve the portal: a demonstration on the stories of `make run`, or the database BEIAN_DATABASE_URL names
	@test -n "$(BEIAN_DATABASE_URL)" -o -f $(STORY) || $(BIN)/beian demo
	$(BIN)/beian up $(if $(BEIAN_DATABASE_URL),,--demonstration --database sqlite:///$(abspath $(STORY)))

test: $(READY) ## format, lint, types, import contract, all tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyrefly check --summarize-errors
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 3 --dist loadgroup --ignore tests/e2e
	$(BIN)/pytest -n 2 --dist loadfile tests/e2e

e2e: $(READY) ## the portal in a browser (Debian's chromium), pictures of every page into out/portal
	BEIAN_PICTURES=1 BEIAN_TEST_BROWSER=required $(BIN)/pytest -n 0 tests/e2e

storm: $(READY) ## ten thousand cases through months in which everything is killed again and again; STORM="--cases 500" for less
	$(BIN)/python -m tests.storm $(STORM)

surge: $(READY) ## a thousand applicants in the last minute before a call closes, into out/surge.json; SURGE="--crowd 100" for less
	$(BIN)/python -m benchmarks.surge $(SURGE)

bench: $(READY) ## speed, as ratios to a bare baseline, into out/bench.json; BENCH=--long for an hour of it
	$(BIN)/python -m benchmarks $(BENCH)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) out build *.egg-info
