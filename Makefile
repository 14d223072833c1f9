# ringlock: the console that tells which calls really are secure. GNU make; `make help` lists the targets.
# B names the build directory, so that builds of several kinds live side by side.

B       ?= build
PREFIX  ?= /usr/local
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=
SAN     ?=
OPT     ?= -O2 -g
WERROR  ?= -Werror
PKG_CONFIG ?= pkg-config
ifeq ($(origin CC),default)
CC      := gcc
endif
VERSION := $(shell sed -n 's/^.define RL_RELEASE "\(.*\)"/\1/p' include/ringlock/protocol.h)

CORE_PKGS := sqlite3 gnutls hogweed libuv jansson libosip2 libseccomp libxml-2.0
TUI_PKGS  := libuv jansson ncursesw

WARN   := -Wall -Wextra $(WERROR) -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef -Wvla
ifeq ($(SAN),)
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2
else
HARDEN := -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
CPPFLAGS += -Iinclude -Icore -Itui -D_GNU_SOURCE -DRL_DATADIR='"$(PREFIX)/share/ringlock"'
CFLAGS   += -std=c11 $(OPT) $(WARN) $(HARDEN) -fPIE
LDFLAGS  += -pie -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))

SHARED_SRC := $(wildcard core/base/*.c core/model/*.c)
CORE_SRC   := $(filter-out $(SHARED_SRC) core/engine/main.c,$(wildcard core/*/*.c))
TUI_SRC    := $(filter-out tui/main.c,$(wildcard tui/*/*.c))
UNIT_SRC   := $(wildcard tests/unit/test_*.c)
BENCH_SRC  := $(wildcard tests/bench/*.c)
FUZZ_SRC   := $(wildcard tests/fuzz/fuzz_*.c)
SOURCES    := $(SHARED_SRC) $(CORE_SRC) $(TUI_SRC) $(UNIT_SRC) $(BENCH_SRC) $(FUZZ_SRC) \
              core/engine/main.c tui/main.c tests/fuzz/replay.c

obj = $(patsubst %.c,$(B)/%.o,$(1))
bin = $(patsubst %.c,$(B)/%,$(1))
SHARED_LIB := $(B)/libshared.a
CORE_LIB   := $(B)/libcore.a
TUI_LIB    := $(B)/libtui.a
ALL_LIBS   := $(TUI_LIB) $(CORE_LIB) $(SHARED_LIB)
PROGRAMS   := $(B)/ringlockd $(B)/ringlock
UNIT_BIN   := $(call bin,$(UNIT_SRC))
BENCH_BIN  := $(call bin,$(BENCH_SRC))
FUZZ_BIN   := $(call bin,$(FUZZ_SRC))
REPLAY_BIN := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/fuzz/replay_%,$(FUZZ_SRC))

.PHONY: all demo check bench fuzz asan install uninstall dist deb deb-check clean deps help \
        check-unit unit-programs bench-programs fuzz-programs replay-programs check-built FORCE
all: $(PROGRAMS)

help:
	@sed -n 's/^#> //p' Makefile

#> make             build ringlockd and ringlock
#> make demo        a site with live calls and the console on it (installs what is missing)
#> make check       every test; the last line is "N passed, N failed" (installs what is missing)
#> make bench       how fast it is, hit or miss
#> make fuzz        every fuzz target for FUZZ_SECONDS (300) each
#> make asan        build with AddressSanitizer and UBSan in build/asan
#> make install     into DESTDIR and PREFIX (/usr/local); uninstall takes it away again
#> make dist        the source as B/ringlock-VERSION.tar.gz
#> make deb         Debian packages, in B/deb, built from that and looked through by lintian
#> make deb-check   install, start, upgrade, remove and purge them in a new Debian 12 (needs root and a mirror)
#> make deps        install the Debian packages that building and testing need
#> make clean       remove the build directory and the demo site
#>
#> B=DIR build directory   CC=clang compiler   SAN=address,undefined sanitizers   OPT='-O0 -g'   V=1 commands

# --- what pkg-config says, kept so that a change of flags or compiler builds anew ---
PLAIN_GOALS := demo check check-built bench fuzz asan uninstall dist deb deb-check clean deps help
ifneq ($(filter-out $(PLAIN_GOALS),$(or $(MAKECMDGOALS),all)),)
include $(B)/config.mk
endif

$(B)/config.mk: FORCE
	@tests/deps check build
	@mkdir -p $(@D)
	@{ echo '# $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)'; \
	   echo "PKG_CFLAGS := $$($(PKG_CONFIG) --cflags $(CORE_PKGS) $(TUI_PKGS))"; \
	   echo "CORE_LIBS := $$($(PKG_CONFIG) --libs $(CORE_PKGS)) -lgmp -liniparser"; \
	   echo "TUI_LIBS := $$($(PKG_CONFIG) --libs $(TUI_PKGS))"; } >$@.$$$$ && \
	 if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi

# --- building ---
# One short line for each step; V=1 shows the commands.
say = $(if $(V),,@echo '  $(1)  $(patsubst $(B)/%,%,$@)';)

$(B)/%.o: %.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(SHARED_LIB): $(call obj,$(SHARED_SRC))
$(CORE_LIB): $(call obj,$(CORE_SRC))
$(TUI_LIB): $(call obj,$(TUI_SRC))
$(B)/%.a:
	@rm -f $@
	$(call say,AR)ar rcs $@ $^

$(B)/ringlockd: $(call obj,core/engine/main.c) $(CORE_LIB) $(SHARED_LIB)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

$(B)/ringlock: $(call obj,tui/main.c) $(TUI_LIB) $(SHARED_LIB)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(TUI_LIBS)

$(UNIT_BIN): %: %.o $(ALL_LIBS)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(TUI_LIBS) -lcmocka

$(BENCH_BIN): %: %.o $(ALL_LIBS)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(TUI_LIBS)

$(FUZZ_BIN): %: %.o $(ALL_LIBS)
	$(call say,LD)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(CORE_LIBS) $(TUI_LIBS)

$(REPLAY_BIN): $(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(ALL_LIBS)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(CORE_LIBS) $(TUI_LIBS)

unit-programs: $(UNIT_BIN)
bench-programs: $(BENCH_BIN)
fuzz-programs: $(FUZZ_BIN)
replay-programs: $(REPLAY_BIN)

.PRECIOUS: $(B)/%.o
-include $(patsubst %.c,$(B)/%.d,$(SOURCES))

# --- the rest runs make again: what it needs may have to be installed first ---
NPROC := $(shell nproc 2>/dev/null || echo 2)
MAKEJ  = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(NPROC))
# Two runs in one tree take turns at building.
LOCKED = mkdir -p $(1) && flock $(1)/.lock

deps:
	@tests/deps install build check

asan:
	+@$(MAKEJ) B=$(B)/asan CC=clang SAN=address,undefined all

demo:
	@tests/deps install build
	+@$(call LOCKED,$(B)) $(MAKEJ) all
	@RINGLOCK_BUILD=$(abspath $(B)) data/demo/run

check:
	@tests/deps install build check
	+@$(call LOCKED,$(B)) $(MAKEJ) CC=gcc all unit-programs
	+@$(call LOCKED,$(B)/asan) $(MAKEJ) B=$(B)/asan CC=clang SAN=address,undefined \
		all unit-programs replay-programs
	+@$(MAKE) --no-print-directory check-built

# Tests find the programs by RINGLOCK_BUILD, and these their data by RINGLOCK_DATA. The sanitized ones go
# through everything but the console.
SAN_ENV := -e ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 -e UBSAN_OPTIONS=print_stacktrace=1
check-built: export RINGLOCK_DATA := $(abspath data)
check-built:
	@tests/run -j $(NPROC) -l $(B)/log \
	  -g tree $(wildcard tests/unit/test_*.sh) \
	  -g unit $(UNIT_BIN) \
	  -g unit-asan $(SAN_ENV) $(patsubst $(B)/%,$(B)/asan/%,$(UNIT_BIN)) \
	  -g fuzz-corpus -t 300 $(SAN_ENV) -e RINGLOCK_BUILD=$(abspath $(B)/asan) $(wildcard tests/fuzz/corpus.sh) \
	  -g engine-asan -t 400 $(SAN_ENV) -e RINGLOCK_BUILD=$(abspath $(B)/asan) $(wildcard tests/engine/test_*.py) \
	  -g console -t 300 -e RINGLOCK_BUILD=$(abspath $(B)) $(wildcard tests/console/t_*.sh tests/console/t_*.py)

# What needs nothing beside the build: for packagers.
check-unit: export RINGLOCK_DATA := $(abspath data)
check-unit: unit-programs
	@tests/run -j $(NPROC) -l $(B)/log -g unit $(UNIT_BIN)

bench:
	@tests/deps install build
	+@$(call LOCKED,$(B)) $(MAKEJ) all bench-programs
	@RINGLOCK_BUILD=$(abspath $(B)) tests/bench/run

fuzz:
	@tests/deps install build check
	+@$(call LOCKED,$(B)/fuzz) $(MAKEJ) B=$(B)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined fuzz-programs
	@RINGLOCK_BUILD=$(abspath $(B)/fuzz) tests/fuzz/run

# --- giving away: the same tree gives the same bytes ---
DIST := Makefile README LICENSE .ci .clang-format .editorconfig .gitignore tui core include data tests man
DIST_FILE := $(B)/ringlock-$(VERSION).tar.gz
SOURCE_DATE_EPOCH ?= $(shell date -d "$$(sed -n '/^ -- /{s/.*>  //p;q}' data/debian/changelog)" +%s)
dist:
	@mkdir -p $(B)
	tar -c --format=gnu --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner \
	    --mode=u=rwX,go=rX --exclude=__pycache__ --exclude='*~' --exclude='.*.sw?' \
	    --transform='s|^|ringlock-$(VERSION)/|' $(DIST) | gzip -9n >$(DIST_FILE)

DEB_TREE := $(B)/deb/ringlock-$(VERSION)
deb: dist
	@tests/deps install build package
	rm -rf $(B)/deb
	mkdir -p $(B)/deb
	cp $(DIST_FILE) $(B)/deb/ringlock_$(VERSION).orig.tar.gz
	tar -xzf $(DIST_FILE) -C $(B)/deb
	cp -r $(DEB_TREE)/data/debian $(DEB_TREE)/debian
	cd $(DEB_TREE) && env -u MAKEFLAGS -u MFLAGS dpkg-buildpackage -us -uc -j$(NPROC)
	lintian --info --fail-on error,warning $(B)/deb/ringlock_*.changes

deb-check: deb
	@tests/deps install chroot
	tests/package/run $(B)/deb

clean:
	rm -rf $(B) .demo

# --- installing ---
SHARE := $(DESTDIR)$(PREFIX)/share
DATA  := $(filter-out data/systemd/% data/completions/% data/debian/%,$(shell find data -type f 2>/dev/null))
MAN   := $(wildcard man/*.[1-8])

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(UNITDIR)
	install -m 755 $(B)/ringlock $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/ringlockd $(DESTDIR)$(PREFIX)/sbin/
	for f in $(DATA); do \
	    mode=644; [ -x $$f ] && mode=755; install -D -m $$mode $$f $(SHARE)/ringlock/$${f#data/} || exit 1; done
	for f in $(MAN); do install -D -m 644 $$f $(SHARE)/man/man$${f##*.}/$${f##*/} || exit 1; done
	install -D -m 644 data/completions/ringlock $(SHARE)/bash-completion/completions/ringlock
	install -D -m 644 data/systemd/ringlock.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/ringlock.conf
	install -D -m 644 data/systemd/ringlock.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/ringlock.conf
	sed 's|@PREFIX@|$(PREFIX)|g' data/systemd/ringlockd.service >$(DESTDIR)$(UNITDIR)/ringlockd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/ringlockd.service

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/ringlock $(DESTDIR)$(PREFIX)/sbin/ringlockd \
	    $(DESTDIR)$(PREFIX)/lib/sysusers.d/ringlock.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/ringlock.conf \
	    $(DESTDIR)$(UNITDIR)/ringlockd.service
	for f in $(MAN); do rm -f $(SHARE)/man/man$${f##*.}/$${f##*/}; done
	rm -f $(SHARE)/bash-completion/completions/ringlock
	rm -rf $(SHARE)/ringlock
