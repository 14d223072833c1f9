# ringlock: the console that tells which calls really are secure. GNU make; `make help` lists the targets.
# B names the build directory, so that builds of several kinds live side by side.

B       ?= build
CC      ?= gcc
PREFIX  ?= /usr/local
DESTDIR ?=
SAN     ?=
VERSION := $(shell sed -n 's/^.define RL_RELEASE "\(.*\)"/\1/p' include/ringlock/protocol.h)

CORE_PKGS := sqlite3 gnutls libuv jansson libosip2 libseccomp
TUI_PKGS  := libuv jansson ncursesw panelw
PKGS      := $(sort $(CORE_PKGS) $(TUI_PKGS))
APT       := build-essential pkg-config libncurses-dev libsqlite3-dev libgnutls28-dev libiniparser-dev \
             libosip2-dev libuv1-dev libjansson-dev libseccomp-dev libcmocka-dev
APT_CHECK := clang libclang-rt-14-dev tmux mandoc python3 sqlite3 clang-format

WARN   := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef -Wvla
HARDEN := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
ifneq ($(SAN),)
HARDEN := -fPIE -fsanitize=$(SAN) -fno-omit-frame-pointer
endif
OPT     ?= -O2 -g
CPPFLAGS += -Iinclude -Icore -Itui -D_GNU_SOURCE -DRL_DATADIR='"$(PREFIX)/share/ringlock"'
CFLAGS  += -std=c11 $(OPT) $(WARN) $(HARDEN) $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDFLAGS += -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))
CORE_LIBS = $(shell pkg-config --libs $(CORE_PKGS)) -liniparser
TUI_LIBS  = $(shell pkg-config --libs $(TUI_PKGS))

SHARED_SRC := $(wildcard core/base/*.c core/model/*.c)
CORE_SRC   := $(filter-out $(SHARED_SRC) core/engine/main.c,$(wildcard core/*/*.c))
TUI_SRC    := $(filter-out tui/main.c,$(wildcard tui/*/*.c))
UNIT_SRC   := $(wildcard tests/unit/test_*.c)

obj = $(patsubst %.c,$(B)/%.o,$(1))
SHARED_LIB := $(B)/libshared.a
CORE_LIB   := $(B)/libcore.a
TUI_LIB    := $(B)/libtui.a
UNIT_BIN   := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
PROGRAMS   := $(B)/ringlockd $(B)/ringlock

.PHONY: all demo check bench fuzz asan install uninstall dist clean deps help
all: $(PROGRAMS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(SHARED_LIB): $(call obj,$(SHARED_SRC))
$(CORE_LIB): $(call obj,$(CORE_SRC))
$(TUI_LIB): $(call obj,$(TUI_SRC))
$(B)/%.a:
	@rm -f $@
	ar rcs $@ $^

$(B)/ringlockd: $(call obj,core/engine/main.c) $(CORE_LIB) $(SHARED_LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(B)/ringlock: $(call obj,tui/main.c) $(TUI_LIB) $(SHARED_LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(TUI_LIBS)

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(TUI_LIB) $(CORE_LIB) $(SHARED_LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(TUI_LIBS) -lcmocka

.PRECIOUS: $(B)/%.o
-include $(shell find $(B) -name '*.d' 2>/dev/null)
