# The rules of the house, each a script that prints file:line: what is wrong.
LINTS := rooms banned sizes sql headers unused

lint: deps
	@$(SUBMAKE) lint-built

lint-built: $(addprefix lint-,$(LINTS))
	@echo "lint: nothing found"

lint-rooms lint-banned lint-sizes lint-sql: lint-%:
	@contrib/lint/$*

lint-headers:
	@CC='$(CC)' HEADER_FLAGS='$(filter-out -MMD -MP,$(CPPFLAGS)) $(CFLAGS)' contrib/lint/headers

lint-unused: $(OBJECTS)
	@contrib/lint/unused $(BUILD)/obj

# Tells only: another clang-format breaks lines differently.
format-check:
	@clang-format --dry-run $(FORMATTED)

format:
	clang-format -i $(FORMATTED)

FORMATTED = $(shell git ls-files '*.c' '*.h')

.PHONY: lint lint-built $(addprefix lint-,$(LINTS)) format format-check
