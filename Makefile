PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: run test check lock screenshots prove bench clean

run: .venv/.installed  ## the demo in a browser, from nothing
	$(BIN)/python -m hubsync demo
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: check .venv/.installed-dev  ## everything a change must pass
	$(BIN)/pytest -n 2 --dist loadgroup -q

check: .venv/.installed-dev  ## lint, types, layers: seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

screenshots: .venv/.installed-dev  ## docs/screenshots/ made anew
	$(BIN)/python -m tests.browser.screenshots

prove: .venv/.installed-dev  ## the figures of TRUST.md, made anew: an hour on two cores
	$(BIN)/python -m hubsync prove --full --write

bench: .venv/.installed-dev  ## side by side: each prints its ratio
	$(BIN)/python -m bench.gateway_cpu
	$(BIN)/python -m bench.gateway_storm
	$(BIN)/python -m bench.clients
	$(BIN)/python -m bench.engine

lock:  ## after a change of requirements*.in (needs uv)
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements.in -o requirements.txt
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean:
	rm -rf .venv data/workspace

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 run") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
