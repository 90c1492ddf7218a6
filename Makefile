# Everything that a newcomer types. `make help` lists it.

# The first Python that is new enough; PYTHON=/path/to/python says which one to take instead.
IS_NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python $(IS_NEW_ENOUGH) 2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
# The native kernel wants cargo, and is built as soon as there is one.
CARGO := $(shell command -v cargo)
PYTHON_INSTALLED := .venv/.python
INSTALLED := .venv/$(if $(CARGO),.installed-with-native,.installed)
NATIVE := $(wildcard native/*.* native/src/*.rs)
NATIVE_FAILED := .venv/.native-failed
FAST := not broker and not postgres and not browser

# Each of the three lanes has a Kafka and a Postgres of its own; what is in one file stays in one
# lane, in order. Tests wait for servers half of their time, so three keep two cores busy.
SIDE_BY_SIDE := --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Options for a target: make demo ARGS="--workers 2 --rate 500", make test ARGS="-k audit"
ARGS ?=

# Where the demo's prices come from: mock (default), standins or none.
SOURCES ?=

# The faults of a run follow from its seed; random where none is given.
SEED ?=
SEEDED = $(if $(SEED),--seed $(SEED))
HOURS ?= 1

.DEFAULT_GOAL := help
.PHONY: help venv demo test check chaos chaos-quick soak latency bench bench-quick lock clean chromium \
	check-native client

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(INSTALLED) client ## Make the virtual environment .venv and install ConScope into it

# Done again only when what is to be installed has changed. The stamp comes last, so that a broken
# installation is never taken for a whole one.
$(PYTHON_INSTALLED): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { \
		python3 conscope_app/local/prerequisites.py || true; \
		echo "ConScope needs Python 3.11 or newer: set PYTHON to one, or install it." >&2; exit 1; }
	@test -n "$$CONSCOPE_KAFKA_URL" -a -n "$$CONSCOPE_DATABASE_URL" || \
		$(PYTHON) conscope_app/local/prerequisites.py
	@echo "Making the virtual environment .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "This Python cannot make virtual environments." \
			"Debian and Ubuntu: apt-get install python3-venv." >&2; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check \
		--constraint requirements.lock --editable '.[dev,bench]'
	@touch $@

# A newcomer without Rust, or without a registry of it, is not kept from anything.
$(INSTALLED): $(PYTHON_INSTALLED) $(NATIVE)
ifeq ($(CARGO),)
	@echo "There is no cargo: prices are compared in Python, with the same results and slower." >&2
else
	@echo "Building the native kernel with $$($(CARGO) --version)"
	@rm -f $(NATIVE_FAILED)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet \
		--force-reinstall --no-deps ./native || { \
		touch $(NATIVE_FAILED); \
		$(BIN)/python -m pip uninstall --quiet --yes conscope-native; \
		echo "The native kernel was not built: prices are compared in Python, with the same" \
			"results and slower. To try again: touch native/Cargo.toml." >&2; }
endif
	@touch $@

# The stamp is a list of what the build was made of, inside it. Without Node nobody is kept from
# anything either.
client: $(INSTALLED)
	@$(BIN)/python conscope_app/local/client.py || \
		echo "The client was not built: the pages show tables where they have charts." >&2

demo: $(INSTALLED) client ## Start Kafka, Postgres, a worker and simulated prices; Ctrl-C stops them
	@exec $(BIN)/python -m conscope_app.local demo $(if $(SOURCES),--sources $(SOURCES)) $(ARGS)

test: $(INSTALLED) client chromium ## Run every test, on a real Kafka, Postgres and browser too
	@$(BIN)/python -m conscope_app.local fetch
	@exec $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(INSTALLED) client ## Check format, lint, types and imports, and run the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports
ifneq ($(CARGO),)
	@test -e $(NATIVE_FAILED) || $(MAKE) --no-print-directory check-native
endif
	$(BIN)/python -m pytest -m "$(FAST)" $(ARGS)

# With a cargo that cannot build it (too old, or without a registry) there is nothing to check.
check-native:
	cd native && cargo fmt --check
	cd native && PYO3_PYTHON=$(abspath $(BIN)/python) cargo clippy --locked --quiet -- -D warnings

chaos: $(INSTALLED) ## Strike with every fault and compare all that came out; SEED=n repeats a run
	@exec $(BIN)/python -m tests.chaos full $(SEEDED) --report .conscope/reports/chaos $(ARGS)

chaos-quick: $(INSTALLED) ## The same with a sample of the faults, within five minutes
	@exec $(BIN)/python -m tests.chaos quick $(SEEDED) --report .conscope/reports/chaos-quick $(ARGS)

soak: $(INSTALLED) ## Faults at random for HOURS=n hours
	@exec $(BIN)/python -m tests.chaos soak --hours $(HOURS) $(SEEDED) \
		--report .conscope/reports/soak $(ARGS)

latency: $(INSTALLED) ## Measure the way from the append of a price to Discord, two minutes long
	@exec $(BIN)/python -m bench.latency $(ARGS)

bench: $(INSTALLED) client ## Measure everything beside its peers and publish it, in three quarters of an hour
	@exec $(BIN)/python -m bench full $(ARGS)

bench-quick: $(INSTALLED) client ## The same with few records and the peers that matter most
	@exec $(BIN)/python -m bench quick $(ARGS)

lock: $(INSTALLED) ## Choose the newest allowed versions anew and write requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	@$(BIN)/pip-compile --quiet --upgrade --extra dev --extra bench --strip-extras --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--output-file requirements.lock pyproject.toml

clean: ## Remove .venv, caches, the fetched servers and all data of the demo
	@test ! -x $(BIN)/python -o ! -e $(PYTHON_INSTALLED) || $(BIN)/python -m conscope_app.local clean
	rm -rf .venv .conscope .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf build dist *.egg-info native/target
	rm -rf web/client/node_modules web/static/built web/static/.being-built
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser tests drive Debian's chromium. Only root can install it.
chromium:
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing chromium for the browser tests"; \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	else \
		echo "There is no chromium: the browser tests will be skipped." \
			"Debian: apt-get install chromium." >&2; \
	fi
