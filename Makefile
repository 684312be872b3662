# Every target does the set-up that it needs, and does it once: a stamp is named by a sum of what it was made from.
VENV   := .venv
PYTHON := $(VENV)/bin/python
LOCKED := $(VENV)/.locked-$(shell cksum < requirements.lock | cut -d' ' -f1)
LINKED := $(VENV)/.linked-$(shell cksum < pyproject.toml | cut -d' ' -f1)
PEERS  := tests/benchmarks/peers
PEERED := .venv-peers/.installed-$(shell cksum < $(PEERS)/requirements.txt | cut -d' ' -f1)
KAFKA  := deploy/kafka/libs/.copied-$(shell cksum < deploy/kafka/pom.xml | cut -d' ' -f1)

# The image gets what runs, at the versions that were tested.
COMPILE = $(PYTHON) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
# The faults mostly wait: a second process passes all other tests meanwhile. What shares a Kafka stays together.
TWO_AT_ONCE = --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup kafka java servers observers dashboards demo test real-input image-check faults bench lint format lock clean
.DEFAULT_GOAL := help

help: ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: setup $(if $(filter 1,$(OBSERVE)),observers) ## Show it working, with a real Kafka, in under two minutes (OBSERVE=1: with Prometheus and Alertmanager)
	@$(PYTHON) -m deploy.demo.run

test: setup servers ## Run all tests (ARGS='tests/unit -k ledger' runs some)
	$(PYTHON) -m pytest $(TWO_AT_ONCE) $(ARGS)

real-input: setup ## Send a real aid record through it and compare (FILE=aid-deliveries.csv)
	$(PYTHON) deploy/checks/real_input.py "$(FILE)"

image-check: setup ## Build the image and run it hardened (needs podman; ARGS='--base localhost/base:12' takes another base)
	$(PYTHON) -m deploy.checks.image $(ARGS)

faults: setup servers ## Hurt it in every way, ten times each, and count what is lost (ARGS='--seeds 1 --row broker')
	$(PYTHON) -m tests.faults $(ARGS)

bench: setup $(PEERED) $(PEERS)/java/target/peers-1.jar ## Measure, beside its peers too (ARGS='peers --rounds 1' runs one)
	@$(PYTHON) -m tests.benchmarks $(ARGS)

lint: $(LINKED) ## Check style, types, who imports whom, and the published schemas
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports
	$(PYTHON) -m schemas.publish --check

dashboards: $(LINKED) ## Write the Grafana dashboards anew from deploy/grafana/*.py
	$(PYTHON) -m deploy.grafana

format: $(LINKED) ## Lay the code out
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix --select I .

setup: $(LINKED) $(KAFKA) java ## Install all that demo and test need

kafka: $(KAFKA) ## Fetch the jars of the embedded broker

java:
	@sh deploy/prerequisites.sh java

# Without them the tests that need them fail and say so; the others run.
servers:
	@sh deploy/prerequisites.sh alertmanager || true
	@sh deploy/prerequisites.sh prometheus || true
	@sh deploy/prerequisites.sh nginx || true

observers:
	@sh deploy/prerequisites.sh prometheus alertmanager

$(KAFKA): deploy/kafka/pom.xml
	@sh deploy/prerequisites.sh java maven
	rm -rf deploy/kafka/libs
	cd deploy/kafka && mvn --batch-mode --quiet -Dstyle.color=never dependency:copy-dependencies
	@touch $@

$(PEERED): $(PEERS)/requirements.txt
	test -x .venv-peers/bin/python || "$$(sh deploy/prerequisites.sh which-python)" -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@rm -f .venv-peers/.installed-* && touch $@

$(PEERS)/java/target/peers-1.jar: $(PEERS)/java/pom.xml $(wildcard $(PEERS)/java/src/peers/*.java)
	@sh deploy/prerequisites.sh java maven
	cd $(PEERS)/java && mvn --batch-mode --quiet -Dstyle.color=never package
	@touch $@

$(LOCKED): requirements.lock
	@sh deploy/prerequisites.sh python
	test -x $(PYTHON) || "$$(sh deploy/prerequisites.sh which-python)" -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@rm -f $(VENV)/.locked-* && touch $@

$(LINKED): $(LOCKED) pyproject.toml
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.linked-* && touch $@

lock: $(LOCKED) ## Choose the versions of all dependencies anew
	$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --extra dev --upgrade --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --output-file deploy/requirements.lock

clean: ## Remove all that was made, the data of `chasqui up` too
	rm -rf $(VENV) .venv-peers $(PEERS)/java/target deploy/kafka/libs var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
