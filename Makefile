# The README's two commands are `make demo` and `make test`; both set up .venv from the lock file first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint unit lock screenshots clean

demo: .venv/ready
	$(BIN)/adlwatch --mock

test: .venv/ready
	$(MAKE) --no-print-directory -j2 lint unit

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: .venv/ready
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adlwatch needs Python 3.11 or newer (make PYTHON=python3.12 …)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q adlwatch
	touch $@

# Needs `uv` on the PATH; the result holds hashes and no address of a registry, for Python 3.11 to 3.14.
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --output-file requirements.lock

# The pictures of the README, drawn by the program itself on the mock exchange; takes a minute.
screenshots: .venv/ready
	$(BIN)/python -m docs.screenshots

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
