# Every target runs in .venv and sets it up by itself: once, and again when the requirements have changed.
# To choose the Python that .venv is made with: make PYTHON=/path/to/python3.13 test

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first of these that is at least 3.11 and able to make a virtual environment is taken.
PYTHON := python3.13 python3.12 python3.11 python3 python3.14 python
USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

BIN := .venv/bin
RUN := $(BIN)/python -m
RUNTIME := .venv/.runtime-installed
DEV := .venv/.dev-installed

# For pip, and for the pip that pip starts to build this package.
export PIP_DEFAULT_TIMEOUT ?= 60
export PIP_RETRIES ?= 10
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The documentation theme advertises its successor otherwise.
export NO_MKDOCS_2_WARNING := 1

# What is installed points at this folder. Where the checkout has been moved, or the Python that .venv
# was made with is gone, .venv is set up again.
ifneq ($(shell { $(BIN)/python -c 'print(open("$(RUNTIME)").read().strip())'; } 2>/dev/null),$(CURDIR))
$(shell rm -f $(RUNTIME) $(DEV))
endif

.PHONY: help demo app test check notebook images docs requirements clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	  while IFS='|' read -r target does; do printf '  make %-13s %s\n' "$$target" "$$does"; done

demo: $(RUNTIME) ## Segment the 200 customers of the sample; the result goes to demo-output/
	@$(RUN) clienteling run Mall_Customers.csv --out demo-output

app: $(RUNTIME) ## Start the web app on this computer
	@$(RUN) streamlit run app.py --server.address localhost

test: $(DEV) ## Run the tests (make test ARGS="-k offers" runs some)
	$(RUN) pytest -n auto $(ARGS)

check: $(DEV) ## Check format, style, types, imports and documentation
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(BIN)/python $(BIN)/lint-imports --no-logo
	$(RUN) mkdocs build --strict --quiet

notebook: $(DEV) ## Run the notebook anew and store it with its outputs
	$(RUN) nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False \
	  --ClearMetadataPreprocessor.enabled=True \
	  "--ClearMetadataPreprocessor.preserve_nb_metadata_mask={('kernelspec',),('language_info','name')}" \
	  notebooks/customer_segmentation_analysis.ipynb

images: $(RUNTIME) ## Draw the pictures in images/ anew
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	$(RUN) clienteling run Mall_Customers.csv --out "$$folder/run" && \
	mkdir -p images && cp "$$folder"/run/images/*.png images/

docs: $(DEV) ## Build the documentation into site/
	$(RUN) mkdocs build --strict

# Pins that still satisfy pyproject.toml stay. The runtime pins are those of the development file that the
# app needs, so that the two files never disagree.
COMPILE = $(RUN) uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
  --fork-strategy fewest --annotation-style line --no-emit-index-url --custom-compile-command 'make requirements'

requirements: ## Pin what pyproject.toml asks for (UPGRADE=--upgrade takes the newest)
	@$(VENV)
	@$(RUN) pip install --quiet uv
	@sed '/^-e /d' requirements-dev.txt > .venv/dev.txt
	@$(COMPILE) --extra app --extra campaigns --group dev --output-file .venv/dev.txt $(UPGRADE)
	@cp .venv/dev.txt .venv/runtime.txt
	@$(COMPILE) --extra app --extra campaigns --output-file .venv/runtime.txt
	@{ cat .venv/dev.txt; echo '-e .'; } > requirements-dev.txt
	@{ cat .venv/runtime.txt; echo '-e .'; } > requirements.txt

clean: ## Remove .venv and everything else that these targets make
	rm -rf .venv demo-output site dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Makes .venv, unless there is one that works.
VENV = $(RUN) pip --version >/dev/null 2>&1 || { \
  for python in $(PYTHON); do \
    "$$python" -c '$(USABLE)' >/dev/null 2>&1 && break; \
    python=; \
  done; \
  if [ -z "$$python" ]; then \
    echo 'No Python 3.11 or newer with venv and ensurepip was found (tried: $(PYTHON)).' >&2; \
    echo 'Install one (Debian and Ubuntu: apt-get install python3 python3-venv; macOS and others: www.python.org/downloads),' >&2; \
    echo 'or name the one you have: make PYTHON=/path/to/python3.13' >&2; \
    exit 1; \
  fi; \
  rm -rf .venv && "$$python" -m venv .venv; }

# $(call install,requirements file): a second try, for a network that breaks off; what has come already is kept.
install = $(RUN) pip install --quiet -r $(1) || { \
  echo 'That failed. Trying once more.' >&2; $(RUN) pip install --quiet -r $(1); }

$(RUNTIME): requirements.txt pyproject.toml
	@echo 'Setting up .venv: about a minute, the first time.'
	@$(VENV)
	@$(call install,requirements.txt)
	@echo '$(CURDIR)' > $(RUNTIME)

# The development requirements contain those of the runtime.
$(DEV): requirements-dev.txt pyproject.toml
	@echo 'Setting up .venv with the development tools: about two minutes, the first time.'
	@$(VENV)
	@$(call install,requirements-dev.txt)
	@echo '$(CURDIR)' > $(RUNTIME)
	@echo '$(CURDIR)' > $(DEV)
