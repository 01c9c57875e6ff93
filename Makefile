# One place for every command of the project. Debian 12 needs `git make python3-venv`; the tests need `postgresql softhsm2 age nodejs npm` too.

PYTHON ?= python3
PORT ?= 8080
KILLS ?= 200
SUBJECTS ?= 100000
RECORDS ?= 1000000
SEED ?=

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
TOOLS := $(VENV)/.tools-installed
DEVICE := examples/device/node_modules/.package-lock.json
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --only-binary :all: -r
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml --python-version 3.11 --extra build --generate-hashes \
	--no-annotate --no-header --no-emit-package moat-client --no-emit-package moat-verifier --only-binary :all:

# The tests start hundreds of processes, and each would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: device help run test test-wire check check-fast fuzz drill drill-retention drill-rotation bench bench-quick lock names eval clean python postgresql softhsm age go switch browser provider shots

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: $(RUNTIME) ## Serve on 127.0.0.1:8080 with everything stored under ./data and the root key in ./keys
	@$(BIN)/moat serve --data ./data --port $(PORT)

test: postgresql softhsm age go device browser provider check ## Check everything and run every test on both databases
	@$(BIN)/pytest -n auto --dist worksteal

check: $(TOOLS) ## Lint, format, types and layers
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

check-fast: device $(TOOLS) ## What to run before a commit: lint, layers, and the tests on SQLite
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n auto --dist worksteal -m "not postgres and not slow"

fuzz: $(TOOLS) ## Try every operation with hundreds of bodies that fit its schema, and as many that do not
	@$(BIN)/pytest tests/api/test_openapi.py --hypothesis-profile thorough

shots: browser $(TOOLS) ## Take the pictures of all pages anew, into docs/pages
	@SHOTS=1 $(BIN)/pytest tests/pages

test-wire: switch $(TOOLS) ## Call through a real switch and look whether either side learns anything of the other
	@# A switch on a starved machine refuses a call whose look-up or media came late, as it must: what failed is called once more.
	@$(BIN)/pytest tests/wire || $(BIN)/pytest tests/wire --last-failed

drill: postgresql $(TOOLS) ## Kill the service over and over and count what is lost (KILLS=200 SEED=1)
	@$(BIN)/python -m tests.drill --kills $(KILLS) $(if $(SEED),--seed $(SEED))

drill-retention: postgresql $(TOOLS) ## Dispose of a million records while others use the service, which is killed (RECORDS=1000000 SEED=1)
	@$(BIN)/python -m tests.drill.retention --records $(RECORDS) $(if $(SEED),--seed $(SEED))

drill-rotation: postgresql $(TOOLS) ## Rotate every key while the service is read, written and killed (SUBJECTS=100000 KILLS=200 SEED=1)
	@$(BIN)/python -m tests.drill.rotation --subjects $(SUBJECTS) --kills $(KILLS) $(if $(SEED),--seed $(SEED))

bench: postgresql $(TOOLS) ## Measure everything, each figure beside its floor
	@$(BIN)/python -m bench

bench-quick: $(TOOLS) ## The same with fewer rounds, on SQLite
	@$(BIN)/python -m bench --quick

eval: $(TOOLS) ## Score masking on labelled texts (DATA=a file or directory of JSON lines, JSON=where to write all of it)
	@$(BIN)/python -m bench.evaluation $(DATA) $(if $(JSON),--json $(JSON))

names: $(TOOLS) ## Make the labellers of names anew out of three archives (ARCHIVES=directory), and fit their judge (DATA=directory)
	@$(BIN)/python -m masking.names.building $(ARCHIVES)
	@$(if $(DATA),$(BIN)/python -m masking.names.fitting $(DATA))

lock: $(TOOLS) ## Resolve the dependencies anew into both lock files
	@$(COMPILE) --upgrade -o requirements.lock
	@$(COMPILE) --upgrade --extra dev --extra parquet -c requirements.lock -o requirements-dev.lock

clean: ## Remove the virtual environment and what tools left behind; data and keys stay
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(RUNTIME): requirements.lock pyproject.toml clients/python/pyproject.toml clients/verifier/pyproject.toml clients/recognizers/pyproject.toml | $(BIN)/python
	@$(LOCKED) requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e clients/python -e clients/verifier -e clients/recognizers -e .
	@touch $@

$(TOOLS): requirements-dev.lock $(RUNTIME)
	@$(LOCKED) requirements-dev.lock
	@touch $@

$(BIN)/python: | python
	@$(PYTHON) -m venv $(VENV)

device: $(DEVICE)

$(DEVICE): examples/device/package-lock.json examples/device/package.json
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "The tests open sealed values on a device in Node: apt-get install -y nodejs npm" >&2; exit 1; }
	@cd examples/device && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is not installed: apt-get install -y python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python cannot make virtual environments: apt-get install -y python3-venv" >&2; exit 1; }

postgresql:
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || \
		{ echo "The tests need a PostgreSQL server: apt-get install -y postgresql" >&2; exit 1; }

softhsm:
	@test -f /usr/lib/softhsm/libsofthsm2.so || \
		{ echo "The tests keep root keys in a software token: apt-get install -y softhsm2" >&2; exit 1; }

switch:
	@for program in kamailio rtpengine redis-server sipp; do PATH="$$PATH:/usr/sbin" command -v $$program >/dev/null || { echo "The calls need a switch and \
telephones: apt-get install -y kamailio kamailio-extra-modules kamailio-utils-modules kamailio-redis-modules rtpengine-daemon redis-server sip-tester" >&2; exit 1; }; done

browser:
	@test -x /usr/bin/chromium && test -n "$$(fc-list :lang=zh 2>/dev/null)" || \
		{ echo "The tests look at pages in a browser: apt-get install -y chromium fontconfig fonts-noto-cjk" >&2; exit 1; }

provider:
	@test -x /usr/bin/glewlwyd || { echo "The tests sign in by a real identity provider: apt-get install -y glewlwyd" >&2; exit 1; }

age:
	@command -v age >/dev/null || { echo "The tests open backups with Debian's age: apt-get install -y age" >&2; exit 1; }

go:
	@test -d /usr/share/gocode/src/golang.org/x/mod && command -v go >/dev/null || { \
		echo "the tests let Go's own log verifier judge ours: apt-get install golang-go golang-golang-x-mod-dev openssl" >&2; exit 1; }
