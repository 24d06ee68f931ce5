# `make try` opens the playground, `make test` runs every check; `make help` lists the rest. Needs make and Python 3.11 or newer.

# What an outer environment or an active virtualenv says about Python must not leak into ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONSTARTUP PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
# The locks hold what the public index serves, whatever else this machine is set up to use.
unexport UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_CONFIG_FILE UV_CONSTRAINT UV_OVERRIDE

# Where messages of the team's own stand; a setting of this file alone, which Spellout would not know.
SPELLOUT_EVAL ?= ../shared/eval
unexport SPELLOUT_EVAL

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq

.DEFAULT_GOAL := help
.PHONY: help setup try try-teams test test-teams-playground bench soak rules eval lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile

setup: .venv/.installed ## Make .venv with everything in it, once

try: setup ## Open the playground: Spellout in a browser page, no token needed
	@$(BIN)/spellout try

try-teams: setup .teams-playground/.installed ## Open Microsoft's Agents Playground with Spellout in it (needs node and npm)
	@$(BIN)/python -m tests.chat.teams.playground

test: setup ## Run every check: format, lint, types, import contracts, rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/spellout rules check
	$(BIN)/pytest -n 2 --dist worksteal

test-teams-playground: setup .teams-playground/.installed ## Play a story in Microsoft's Agents Playground (needs node, npm and Chromium)
	@TEAMS_PLAYGROUND="$(CURDIR)/.teams-playground" $(BIN)/pytest -q tests/chat/teams/playground

bench: setup ## Measure speed against bare Bolt and others, some minutes long (ARGS="--rounds 9" is calmer), and draw docs/bench.svg
	@$(BIN)/python -m tests.bench.speed --chart docs/bench.svg $(ARGS)

soak: setup ## Break everything for some minutes and count what was lost or doubled (ARGS="--events 20000 --workspaces 20" is shorter)
	@$(BIN)/python -m tests.soak $(ARGS)

rules: setup ## Check the rules alone
	@$(BIN)/spellout rules check

eval: setup ## Print how well your own messages are read (SPELLOUT_EVAL names their folder; ARGS="--against HEAD" compares)
	@if ls "$(SPELLOUT_EVAL)"/*.jsonl "$(SPELLOUT_EVAL)"/*.jsonl.gz 2>/dev/null | grep -q .; then $(BIN)/spellout eval --figures $(ARGS) "$(SPELLOUT_EVAL)"; else \
		echo "No messages to read stand in $(SPELLOUT_EVAL): put files there (.jsonl, with id, text, acronym and sense in each row), or name another folder with SPELLOUT_EVAL."; fi

lock: ## Write the lock files anew (needs uv; ARGS=--upgrade takes the newest releases)
	@PATH="$$PATH:$(CURDIR)/$(BIN)"; command -v uv >/dev/null || { echo "make lock needs uv: install it with 'pipx install uv', then run it again." >&2; exit 1; }; \
	set -e; lock() { uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' $(ARGS) "$$@"; }; \
	lock pyproject.toml --extra postgres --output-file requirements.lock; \
	lock pyproject.toml --extra postgres --extra teams --constraint requirements.lock --output-file requirements-teams.lock; \
	lock pyproject.toml --group dev --constraint requirements-teams.lock --output-file requirements-dev.lock

clean: ## Remove .venv and every cache
	rm -rf .venv .teams-playground build dist test-results .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Microsoft's own tool for trying bots: its licence lets us use it, not ship it. Its version is pinned, since the test drives its insides.
.teams-playground/.installed: Makefile
	@command -v npm >/dev/null && command -v node >/dev/null || { echo "Microsoft's Agents Playground needs node and npm: install Node.js 20 or newer, then run it again." >&2; exit 1; }
	@npm install --silent --no-audit --no-fund --no-save --prefix .teams-playground @microsoft/m365agentsplayground@0.2.28
	@touch $@

# The environment is built anew whenever the lock changes, so that nothing is left of an older one.
.venv/.locked: requirements-dev.lock
	@python=; for each in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$each"; break; fi; done; \
	[ -n "$$python" ] || { echo "Spellout needs Python 3.11 or newer and found none: install one, or name it: make PYTHON=/path/to/python3 setup" >&2; exit 1; }; \
	echo "Setting up .venv with $$("$$python" --version); this happens once and takes a minute or two."; \
	"$$python" -m venv --clear .venv || { echo "Python cannot make a virtual environment here; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
