.DEFAULT_GOAL := help
RUN := @tools/run

TARGETS := setup demo serve test lint bench crash-test screenshots coverage-requirements \
	translations stop clean

.PHONY: help $(TARGETS)

help:
	$(RUN) help

$(TARGETS):
	$(RUN) $@ $(ARGS)
