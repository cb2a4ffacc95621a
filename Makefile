# Every target does its own set-up; the second time that takes a tenth of a second.
PYTHON ?= python3
SETUP := $(PYTHON) -m deploy.bootstrap
FILE ?=
N ?= 500

.PHONY: help up down status test test-long lint format demo replay seed shequ clients bench eval clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

up:  ## set up and run everything until Ctrl-C (make up votes=3: three of one)
	@$(SETUP) run -- deploy.local up $(MAKEOVERRIDES)

down:  ## stop what `make up` started in this checkout
	@$(SETUP) run -- deploy.local stop

status:  ## what runs in this checkout, its health addresses, and what they say
	@$(SETUP) run -- deploy.local status

test test-long: export SHEQU_TEST_LANE := $(lane)
test test-long: export SHEQU_TEST_ARGS := $(args)
test:  ## all tests (make test lane=green args="tests/green/test_x.py -k name")
	@$(SETUP) dev -- deploy.test

test-long:  ## all tests, the slow ones too
	@$(SETUP) dev -- deploy.test --long

lint:  ## ruff, mypy, import rules, generated files, nothing of this machine
	@$(SETUP) dev -- deploy.lint

format:  ## fix, format, renew what is made from the code, then check that
	@$(SETUP) dev -- deploy.lint --mend

demo:  ## the two journeys, told step by step (against a running `make up`, or its own)
	@$(SETUP) run -- deploy.demo

replay:  ## post real messages: make replay FILE=messages.jsonl N=500 (SPEED=20 CONCURRENCY=8 …)
	@$(SETUP) run -- deploy.replay --file "$(FILE)" --count "$(N)" \
	  $(if $(CONCURRENCY),--concurrency $(CONCURRENCY)) $(if $(SPEED),--speed $(SPEED)) \
	  $(if $(ESCALATE),--escalate $(ESCALATE)) $(if $(FRESH),--fresh)

seed:  ## a whole made-up district: make seed communities=565 residents=640000 (seed=1)
	@$(SETUP) run -- deploy.seed $(if $(communities),--communities $(communities)) \
	  $(if $(residents),--residents $(residents)) $(if $(seed),--seed $(seed))

shequ:  ## the operator's command line: make shequ args="community list"
	@$(SETUP) run -- deploy.shequ $(args)

clients:  ## typed clients from the OpenAPI document: var/clients/{typescript,python}
	@$(SETUP) run -- deploy.clients

bench:  ## measure; results in docs/benchmarks.md
	@$(SETUP) dev -- tests.bench

eval:  ## how good the classifier is: make eval [FILE=labelled.jsonl]
	@$(SETUP) run -- services.grid_bridge.classifier.evaluate $(FILE)

clean:  ## stop and delete everything that was made here, data too
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m deploy.local stop; fi
	@rm -rf .venv node_modules var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
