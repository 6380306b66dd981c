# Ecclesia's console. One program, built straight: every .c under src/ is compiled and linked.
#   make            build/ecclesia
#   make demo       install what is missing, build, open the console on simulated platforms
#   make run        build, open the console
#   make test       everything but the long tests; make test T=unit/text for one
#   make spec-check SPECS=DIR    what is sent, against the vendors' specifications
#   make lint       the rules of the house: rooms, banned calls, sizes
#   make format     clang-format over our own files
#   make install    to PREFIX (/usr/local), under DESTDIR
# CC=clang works as gcc does. BUILD=dir builds elsewhere; EXTRA='-fsanitize=…' adds flags; V=1 shows the commands.

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
EXTRA   ?=
T       ?=
LONG    ?=

PKGS      := ncursesw panelw libcurl libcjson libsodium sqlite3 libmicrohttpd libqrencode libical libcrypto libsystemd inih
# Asked once, when first needed: `make demo` installs pkg-config and the libraries before that.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $$(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $$(PKGS)))$(PKG_LIBS)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror
HARD := -fstack-protector-strong -fstack-clash-protection -fPIE
OPT  ?= -O2 -g -D_FORTIFY_SOURCE=2

CPPFLAGS = -D_GNU_SOURCE -Iinclude -Isrc -MMD -MP
CFLAGS   = -std=c11 $(OPT) $(WARN) $(HARD) -pthread $(EXTRA) $(PKG_CFLAGS)
LDFLAGS  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(EXTRA)
LDLIBS   = $(PKG_LIBS) -lm

# A short line for a long command.
say = $(if $(V),,@echo "  $(1)  $(2)";)

SOURCES := $(shell find src -name '*.c' | LC_ALL=C sort)
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
# All but main, for the tests to link with.
LIBOBJECTS := $(filter-out $(BUILD)/obj/main.o,$(OBJECTS))

all: $(BUILD)/ecclesia

$(BUILD)/ecclesia: $(OBJECTS) $(BUILD)/sources
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/libecclesia.a: $(LIBOBJECTS) $(BUILD)/sources
	@rm -f $@
	@ar rcs $@ $(LIBOBJECTS)

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Both change only when what they hold does: another compiler or other flags build anew, a file that went is linked out.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); echo '$(CC) $(CPPFLAGS) $(CFLAGS)' >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD)/sources: FORCE
	@mkdir -p $(@D); echo '$(SOURCES)' >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@

-include $(OBJECTS:.o=.d)

run: all
	$(BUILD)/ecclesia

demo:
	@contrib/deps --build
	@$(SUBMAKE) all
	$(BUILD)/ecclesia demo

deps:
	@contrib/deps

clean:
	rm -rf $(BUILD)

# Man pages, guides, themes and completions: whatever there is of them.
install: all
	install -D -m 755 $(BUILD)/ecclesia $(DESTDIR)$(PREFIX)/bin/ecclesia
	@$(call install_files,$(wildcard themes/*.theme),share/ecclesia/themes)
	@$(call install_files,$(wildcard contrib/guides/*.md),share/doc/ecclesia/guides)
	@$(call install_files,$(wildcard contrib/man/*.1),share/man/man1)
	@$(call install_files,$(wildcard contrib/man/*.5),share/man/man5)
	@$(call install_files,$(wildcard contrib/man/*.7),share/man/man7)
	@$(call install_files,$(wildcard contrib/completions/ecclesia.bash),share/bash-completion/completions)
	@$(call install_files,$(wildcard contrib/completions/_ecclesia),share/zsh/site-functions)
	@$(call install_files,$(wildcard contrib/completions/ecclesia.fish),share/fish/vendor_completions.d)

install_files = $(if $(1),install -d $(DESTDIR)$(PREFIX)/$(2) && install -m 644 $(1) $(DESTDIR)$(PREFIX)/$(2)/,true)

include tests/tests.mk
include contrib/lint/lint.mk

FORCE:
.PHONY: all run demo deps clean install FORCE
