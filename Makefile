# The two commands a newcomer needs: `make parity` and `make test`. Each does all the set-up it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
SWIFT ?= swift
RINGRIFT := .build/debug/ringrift
VENV := .venv
export RINGRIFT_VENV ?= $(CURDIR)/$(VENV)

.PHONY: help setup build run parity test bench soak lint format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: apt packages and the legacy side's virtual environment
	@scripts/setup.sh $(VENV)

build: setup ## debug build of everything, the embedded-Python library included
	@$(SWIFT) build

run: build ## one node on 127.0.0.1:8770 with the bundled legacy behind it, in a sandbox of its own
	@scripts/run-node.sh $(RINGRIFT)

parity: build ## Swift against recordings of the real legacy, then against the bundled legacy, side by side
	@mkdir -p reports
	@$(RINGRIFT) parity replay --tree bundled --json reports/replay.json --html reports/replay.html
	@$(RINGRIFT) parity run --legacy-root bundled --legacy-python $(VENV)/bin/python \
	    --json reports/run.json --junit reports/run.xml --html reports/run.html
	@$(RINGRIFT) parity selftest --seed 2

test: setup ## unit, property, replay and black-box tests
	@$(SWIFT) build --product CPythonEmbed
	@$(SWIFT) build --build-tests
	@RINGRIFT_REQUIRE_PYTHON=1 $(SWIFT) test --skip-build --no-parallel
	@SHIM_PYTHON=$(CURDIR)/$(VENV)/bin/python Legacy/shim/tests/run.sh test_patch test_speech
	@scripts/handover.sh $(RINGRIFT) bundled $(VENV)
	@for check in flips worker_death lease rollback shadow; do \
	    $(VENV)/bin/python -B scripts/soak/$$check.py --binary $(RINGRIFT) --venv $(VENV) --short || exit 1; done

bench: setup ## release build; start, memory, requests a second of Swift and legacy, JSON against CPython
	@scripts/bench.sh

soak: setup ## long and timed checks (not part of CI)
	@scripts/soak.sh

lint: ## formatting and file-size rules
	@scripts/lint.sh

format: ## rewrite the sources in the project's format
	@$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

clean: ## remove build products, reports and the virtual environment
	rm -rf .build .build-release reports $(VENV)
