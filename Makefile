# Everything from a fresh checkout: `make demo` to see it, `make test` to check it. Each can be run again.
# Paths stay relative: make cannot hold a path with spaces.

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench lint lock
BIN := .venv/bin
CODE := archive ingest search portal commands cli.py app.py scripts tests benchmarks

help:   ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup:  ## the environment, ffmpeg and the model, nothing run; EXTRA=voices (openai, dask, ffmpeg) adds that
	@sh scripts/python scripts/setup.py $(or $(EXTRA),core)
	@$(BIN)/onrecord models get base

demo: setup  ## the sample collection, searched and played at http://localhost:8501
	@$(BIN)/onrecord ingest data/samples --sheet data/samples/speeches.csv
	@$(BIN)/onrecord index --catch-up  # one that an older version made is made anew
	@$(BIN)/onrecord serve

test:   ## set up for the tests, then lint, types and every test
	@sh scripts/python scripts/setup.py test
	@$(BIN)/onrecord models get base
	@$(BIN)/onrecord models get voices
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest

lint:   ## style and types
	@sh scripts/python scripts/setup.py test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)

bench:  ## transcription and search against the bare engines
	@sh scripts/python scripts/setup.py test
	@$(BIN)/onrecord models get base
	@$(BIN)/onrecord models get voices
	@for program in $$(grep -l __main__ benchmarks/*.py); do $(BIN)/python $$program || exit; done

lock:   ## resolve requirements.lock anew
	@sh scripts/python scripts/setup.py lock
