# Tests. tests/run knows how to run them; here they are built.
#   make test [T=unit/text | T=e2e]   make test-long   make asan   make tsan   make bench   make fuzz
# A new file is found by itself: tests/{unit,property,screen}/X.c is a program, tests/e2e/X.sh (executable) a script.

JOBS ?= $(shell nproc 2>/dev/null || echo 1)
# Makes what is below run side by side, unless the caller has said how.
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

TEST_LIB   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c))
TEST_NAMES := $(patsubst tests/%.c,%,$(wildcard tests/unit/*.c tests/property/*.c tests/screen/*.c))
TEST_E2E   := $(patsubst tests/%.sh,%,$(wildcard tests/e2e/*.sh))
TEST_LONG  := $(filter %_long,$(TEST_NAMES))
# Those that T names; without T all, or the long ones alone.
TEST_WANTED = $(if $(T),$(filter $(T) $(addsuffix /%,$(T)),$(1)),$(if $(LONG),$(filter %_long,$(1)),$(filter-out %_long,$(1))))
# The tests that use threads.
TEST_THREADS := $(filter $(addprefix unit/,base_threads% net% store% queue% oauth% manager% engine% sim%) screen/asks screen/forms screen/signin property/%,$(filter-out %_long,$(TEST_NAMES)))

TEST_LIBS = $(eval TEST_LIBS := $$(shell pkg-config --libs check))$(TEST_LIBS)

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) -Itests/lib $(CFLAGS) -c -o $@ $<

$(addprefix $(BUILD)/tests/,$(TEST_NAMES)): %: %.o $(TEST_LIB) $(BUILD)/libecclesia.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $< $(TEST_LIB) $(BUILD)/libecclesia.a $(TEST_LIBS) $(LDLIBS)

-include $(patsubst %,$(BUILD)/tests/%.d,$(TEST_NAMES)) $(TEST_LIB:.o=.d)

test: deps
	@$(SUBMAKE) test-built
	@BUILD=$(BUILD) LONG=$(LONG) tests/run $(T)

test-long:
	@$(MAKE) --no-print-directory test LONG=1

# End-to-end scripts need the program itself.
test-built: $(addprefix $(BUILD)/tests/,$(call TEST_WANTED,$(TEST_NAMES))) \
            $(if $(call TEST_WANTED,$(TEST_E2E)),$(if $(wildcard src/main.c),$(BUILD)/ecclesia))

# What is sent, against the vendors' own specifications in SPECS; see contrib/spec-check/README.md.
spec-check: deps
	@test -d '$(SPECS)' || { echo "make spec-check SPECS=DIR, the directory with the vendors' specifications"; exit 1; }
	@$(SUBMAKE) $(BUILD)/ecclesia
	@home=$$(mktemp -d) && HOME=$$home TMUX_TMPDIR=$$home TMPDIR=$$home TZ=UTC LC_ALL=C.UTF-8 BUILD=$(BUILD) \
	    ECCLESIA=$(CURDIR)/$(BUILD)/ecclesia ECCLESIA_SPECS=$(abspath $(SPECS)) tests/e2e/spec_check.sh; \
	    status=$$?; rm -rf "$$home"; exit $$status

# Sanitizers. Their reports end the test; _FORTIFY_SOURCE would hide what they look for. A leak or a race in a child
# that Check forks is lost, hence CK_FORK=no.
SANITIZED = OPT='-O1 -g -fno-omit-frame-pointer' LONG= T=

asan: deps
	@$(SUBMAKE) BUILD=build/asan $(SANITIZED) EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all' sanitized-built \
	    TEST_SANITIZED='$(filter-out %_long,$(TEST_NAMES))'
	@BUILD=build/asan CK_FORK=no TEST_TIMEOUT=600 ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 \
	    tests/run $(filter-out %_long,$(TEST_NAMES))

tsan: deps
	@$(SUBMAKE) BUILD=build/tsan $(SANITIZED) EXTRA='-fsanitize=thread' sanitized-built TEST_SANITIZED='$(TEST_THREADS)'
	@BUILD=build/tsan CK_FORK=no TEST_TIMEOUT=600 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 \
	    tests/run $(TEST_THREADS)

sanitized-built: $(addprefix $(BUILD)/tests/,$(TEST_SANITIZED))

# Benchmarks print what they measure beside what it is compared with; tests/bench/X.c is a program, tests/bench/lib what
# they share. One alone: make bench B=jobs. A part whose tools are missing (htop) is told as skipped.
BENCHES   := $(patsubst tests/%.c,%,$(wildcard tests/bench/*.c))
BENCH_LIB := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/lib/*.c))
BENCH_WANTED = $(if $(B),$(filter $(addprefix bench/,$(B)),$(BENCHES)),$(BENCHES))

$(addprefix $(BUILD)/tests/,$(BENCHES)): %: %.o $(BENCH_LIB) $(BUILD)/libecclesia.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $< $(BENCH_LIB) $(BUILD)/libecclesia.a $(LDLIBS) -lutil

-include $(patsubst %,$(BUILD)/tests/%.d,$(BENCHES)) $(BENCH_LIB:.o=.d)

bench: deps
	@$(SUBMAKE) bench-built
	@for b in $(BENCH_WANTED); do \
	    echo "== $${b##*/}"; ECCLESIA=$(CURDIR)/$(BUILD)/ecclesia $(BUILD)/tests/$$b || exit 1; done

bench-built: $(addprefix $(BUILD)/tests/,$(BENCH_WANTED)) $(if $(wildcard src/main.c),$(BUILD)/ecclesia)

# Fuzzers, by clang: tests/fuzz/X.c with a corpus in tests/fuzz/X/. FUZZ_SECONDS for each.
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 30

fuzz: deps
	@$(SUBMAKE) BUILD=build/fuzz CC=clang OPT='-O1 -g' EXTRA='-fsanitize=fuzzer-no-link,address,undefined' fuzz-built
	@for f in $(FUZZERS); do mkdir -p build/fuzz/corpus/$$f; \
	    build/fuzz/tests/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 \
	        build/fuzz/corpus/$$f $$(ls -d tests/fuzz/$$f 2>/dev/null) || exit 1; done

fuzz-built: $(addprefix $(BUILD)/tests/fuzz/,$(FUZZERS))

$(addprefix $(BUILD)/tests/fuzz/,$(FUZZERS)): %: %.o $(BUILD)/libecclesia.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(BUILD)/libecclesia.a $(LDLIBS)

.SECONDARY:
.PHONY: test spec-check test-long test-built asan tsan sanitized-built bench bench-built fuzz fuzz-built
