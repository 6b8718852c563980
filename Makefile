# `make` runs the default review, `make test` the tests; both set everything up from nothing.
# Another review: `make REVIEW=my-review`. Another Python: `make PYTHON=/path/to/python3`.
REVIEW ?= nssi
CORES ?= 2
BIN := .venv/bin
export PYTHON

.PHONY: run test lint format lock clean

run: .venv/ready-run
	@$(BIN)/metacircuit run $(REVIEW) --cores $(CORES)

test: lint
	@$(BIN)/pytest -n $(CORES) --dist loadfile --ignore tests/workflow
	@$(BIN)/pytest tests/workflow

lint: .venv/ready-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/snakefmt --check Snakefile workflow/rules
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint --quiet

format: .venv/ready-test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/snakefmt Snakefile workflow/rules

.venv/ready-run: requirements.lock pyproject.toml workflow/environment.sh
	@sh workflow/environment.sh requirements.lock
	@touch $@

.venv/ready-test: requirements-test.lock .venv/ready-run
	@sh workflow/environment.sh requirements-test.lock
	@touch $@

# Needs uv; the lock files carry versions and hashes for every platform, and no address.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 \
		--extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 \
		--extra build --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

clean:
	rm -rf results/$(REVIEW) .snakemake
