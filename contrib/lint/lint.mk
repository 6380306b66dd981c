.PHONY: lint
