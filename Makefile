# Baton's commands. Each prepares what it needs; nothing has to be installed before but Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE  # dozens of processes start: none shall compile what another has compiled

.PHONY: run test quick check advisories bench faults lock schema messages web clean

run:  ## start everything, serve until Ctrl-C
	@$(PYTHON) devtools/bootstrap.py run
	@PORT=$(PORT) exec $(PY) -m devtools.run

test:  ## every test: unit, property, API, real services, real browser
	@$(PYTHON) devtools/bootstrap.py test
	$(PY) -m pytest -n 3
	cd frontend && PATH="$(CURDIR)/.node/bin:$$PATH" npm run --silent test

quick:  ## the tests that need a database and nothing else: rules, properties, templates
	@$(PYTHON) devtools/bootstrap.py dev
	$(PY) -m pytest -n 2 -q tests/unit tests/property tests/templates_engine

check:  ## formatting, lint, types, import contracts, migrations, schema and translations up to date
	@$(PYTHON) devtools/bootstrap.py dev
	$(PY) -m devtools.checks

bench:  ## the workloads of docs/performance.md; BASELINE=<commit> measures that one beside; writes bench/results.json
	@$(PYTHON) devtools/bootstrap.py bench
	$(PY) -m tests.bench

advisories:  ## known weaknesses of the packages we build on; asks osv.dev and npm, and fails where they do not answer
	@$(PYTHON) devtools/bootstrap.py dev
	$(PY) -m devtools.checks --advisories

faults:  ## kills, restarts and cuts real processes, and counts what was lost or doubled
	@$(PYTHON) devtools/bootstrap.py test
	$(PY) -m pytest tests/faults

web:  ## build the web app
	@$(PYTHON) devtools/bootstrap.py run

schema:  ## write the OpenAPI schema and the client types made from it
	$(PY) -m devtools.checks --write-schema

messages:  ## collect and compile the texts of the Python code
	$(PY) -m devtools.checks --write-messages

lock:  ## renew the lock files
	for name in base dev uv node salt spiff; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --upgrade requirements/$$name.in -o requirements/$$name.txt; done
	cd frontend && npm update --package-lock-only

clean:  ## remove what can be made again; data in BATON_HOME stay
	rm -rf .venv .uv .node .salt .spiff frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache
