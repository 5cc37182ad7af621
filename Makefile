# Baton's commands. Each prepares what it needs; nothing has to be installed before but Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8000
PY := .venv/bin/python

.PHONY: run test check bench faults lock schema messages web clean

run:  ## start everything, serve until Ctrl-C
	@$(PYTHON) config/bootstrap.py run
	@PORT=$(PORT) exec $(PY) -m config.run

test:  ## every test: unit, property, API, real services, real browser
	@$(PYTHON) config/bootstrap.py test
	$(PY) -m pytest
	cd frontend && npm run --silent test

check:  ## formatting, lint, types, import contracts, schema drift, known vulnerabilities
	@$(PYTHON) config/bootstrap.py dev
	$(PY) -m config.checks

bench:  ## the workloads of the contract; writes bench/results.json
	@$(PYTHON) config/bootstrap.py dev
	$(PY) -m tests.bench

faults:  ## kills, restarts and cuts real processes, and counts what was lost or doubled
	@$(PYTHON) config/bootstrap.py test
	$(PY) -m pytest tests/faults

web:  ## build the web app
	@$(PYTHON) config/bootstrap.py run

schema:  ## write the OpenAPI schema and the client types made from it
	$(PY) -m config.checks --write-schema

messages:  ## collect and compile the texts of the Python code
	$(PY) -m config.checks --write-messages

lock:  ## renew the lock files
	for name in base dev uv node; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --upgrade requirements/$$name.in -o requirements/$$name.txt; done
	cd frontend && npm update --package-lock-only

clean:  ## remove what can be made again; data in BATON_HOME stay
	rm -rf .venv .uv .node frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache
