SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --custom-compile-command "make lock"

.PHONY: help run test test-long lint chaos bench screenshots lock

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## start everything on this machine, with a demo account; Ctrl-C stops it
	@.ci/packages run
	@.ci/venv base
	@XMLD_DEMO=$${XMLD_DEMO:-1} XMLD_STOP_SECONDS=$${XMLD_STOP_SECONDS:-8} exec .venv/bin/python manage.py runall

test:  ## run all tests, the browser ones too
	@.ci/packages test
	@.ci/venv dev
	@.venv/bin/python -m pytest -n 2 --dist loadgroup -m "not long" $(ARGS)

test-long:  ## run the long tests too: chaos, gigabytes
	@.ci/packages test
	@.ci/venv dev
	@.venv/bin/python -m pytest -n 2 --dist loadgroup --timeout 3600 $(ARGS)

lint:  ## style, types, layers, deployment check, migrations
	@.ci/packages run
	@.ci/venv dev
	@.ci/lint

chaos:  ## prove exact sending: 20,000 messages, 100 kills; SEED=1, MESSAGES, KILLS, RELAY=smtp://… of your own
	@.ci/packages test
	@.ci/venv dev
	@CHAOS_SEED=$${SEED:-1} CHAOS_MESSAGES=$${MESSAGES:-20000} CHAOS_KILLS=$${KILLS:-100} CHAOS_RELAY=$$RELAY .venv/bin/python -m pytest -q -m long tests/sending/test_chaos_of_senders.py tests/proof

bench:  ## measure, and print a table of ratios with the method
	@.ci/packages bench
	@.ci/venv dev
	@.venv/bin/python -m benchmarks $(ARGS)

screenshots:  ## take the pictures of the README anew (docs/images)
	@.ci/packages test
	@.ci/venv dev
	@.venv/bin/python -m tests.screenshots $(ARGS)

lock:  ## compile requirements/*.txt anew from pyproject.toml (needs uv)
	@cd requirements && $(COMPILE) ../pyproject.toml -o base.txt
	@cd requirements && $(COMPILE) --group ../pyproject.toml:dev ../pyproject.toml -c base.txt -o dev.txt
