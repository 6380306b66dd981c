# Ecclesia's console. One program, built straight: every .c under src/ is compiled and linked.
#   make            build/ecclesia
#   make demo       install what is missing, build, open the console on simulated platforms
#   make test       everything but the long tests; make test T=unit/text for one
# CC=clang works as gcc does. BUILD=dir builds elsewhere; EXTRA='-fsanitize=…' adds flags.

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
EXTRA   ?=
T       ?=

PKGS      := ncursesw panelw libcurl libcjson libsodium sqlite3 libmicrohttpd libqrencode libical libcrypto libsystemd inih
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null)

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Werror
HARD := -fstack-protector-strong -fstack-clash-protection -fPIE
OPT  ?= -O2 -g -D_FORTIFY_SOURCE=2

CPPFLAGS = -D_GNU_SOURCE -Iinclude -Isrc -MMD -MP
CFLAGS   = -std=c11 $(OPT) $(WARN) $(HARD) -pthread $(EXTRA) $(PKG_CFLAGS)
LDFLAGS  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed -pthread $(EXTRA)
LDLIBS   = $(PKG_LIBS) -lm

SOURCES := $(shell find src -name '*.c' | LC_ALL=C sort)
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
# All but main, for the tests to link with.
LIBOBJECTS := $(filter-out $(BUILD)/obj/main.o,$(OBJECTS))

all: $(BUILD)/ecclesia

$(BUILD)/ecclesia: $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/libecclesia.a: $(LIBOBJECTS)
	@rm -f $@
	@ar rcs $@ $(LIBOBJECTS)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

-include $(OBJECTS:.o=.d)

run: all
	$(BUILD)/ecclesia

demo: deps
	$(MAKE) all
	$(BUILD)/ecclesia demo

deps:
	contrib/deps

clean:
	rm -rf $(BUILD)

include tests/tests.mk

.PHONY: all run demo deps clean
