# labeld. Two commands for a newcomer: `make demo` runs it, `make check` tests it. Everything that is
# built stands in build/; each kind of build has a folder there.

KIND    ?= release
B       := build/$(KIND)
CC      := gcc
CXX     := g++
# make V=1 shows the commands
Q       := $(if $(V),,@)
PKGS    := libmicrohttpd sqlite3 libpq libcrypto libsodium zlib libcurl

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wpointer-arith \
           -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wdouble-promotion -Wcast-qual \
           -Wimplicit-fallthrough -Werror
WARN_C  := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE \
           -fno-strict-aliasing $(if $(filter fuzz,$(KIND)),,-ftrivial-auto-var-init=zero)
LDHARD  := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
OPT_release := -O2 -g -D_FORTIFY_SOURCE=3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan    := -O1 -g -fsanitize=thread
OPT_cov     := -O0 -g --coverage
LD_asan     := -fsanitize=address,undefined
LD_tsan     := -fsanitize=thread
LD_cov      := --coverage

# only read when something is compiled: `make setup` must work before the libraries are there
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   = $(shell pkg-config --libs $(PKGS)) -lsimdjson -lstdc++ -lpthread -lm
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -Isrc $(WARN) $(WARN_C) $(HARDEN) $(OPT_$(KIND)) $(PKG_CFLAGS) $(CFLAGS)
CXXFLAGS_ALL = -std=c++17 -Isrc -Wall -Wextra -Werror $(HARDEN) $(OPT_$(KIND)) $(CXXFLAGS)

SRCS    := $(filter-out src/main.c src/media/worker.c src/media/jpeg_header.c,$(wildcard src/*/*.c))
CXXSRCS := $(wildcard src/*/*.cc)
EMBED   := $(sort $(wildcard sql/*.sql) $(wildcard demo/*.jpeg))
WEB     := $(shell find web/src web/public -type f) web/build.mjs web/package-lock.json
OBJS    := $(SRCS:%.c=$(B)/%.o) $(CXXSRCS:%.cc=$(B)/%.o) $(B)/embed.c.o $(B)/embed.S.o

.PHONY: all clean demo check fast bench format docs screenshots bench-ui bench-transfer

all: build/labeld build/labeld-media build/liblabel.a build/liblabel.so build/labelctl examples

# ---- program ----

build/labeld: $(B)/labeld
	@ln -sf $(KIND)/labeld $@

$(B)/labeld: $(B)/src/main.o $(B)/liblabeld.a
	@echo LD $@
	$(Q)$(CC) $(LDHARD) $(LD_$(KIND)) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)

# the image worker: a program of its own, always an optimised build, because its sandbox leaves no
# room for sanitizers; the libraries behind libvips stay out of the server
build/labeld-media: $(B)/labeld-media
	@ln -sf $(KIND)/labeld-media $@

$(B)/labeld: | $(B)/labeld-media

$(B)/labeld-media: src/media/worker.c src/media/jpeg_header.c src/media/jpeg_header.h src/media/media_proto.c \
                   src/media/media_proto.h src/media/media.h src/base/err.h Makefile
	@mkdir -p $(@D)
	@echo CC $@
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE -Isrc $(WARN) $(WARN_C) $(HARDEN) $(OPT_release) \
	    $(subst -I,-isystem ,$(shell pkg-config --cflags vips libjpeg libexif libseccomp)) -o $@ $(filter %.c,$^) $(LDHARD) \
	    $(shell pkg-config --libs vips libjpeg libexif libseccomp)

$(B)/liblabeld.a: $(OBJS)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/%.o: %.cc Makefile
	@mkdir -p $(@D)
	@echo CXX $<
	$(Q)$(CXX) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

$(B)/embed.c $(B)/embed.S &: $(EMBED) build/web/index.html tools/embed.sh Makefile
	@mkdir -p $(@D)
	$(Q)tools/embed.sh $(B)/embed $(EMBED) $$(find build/web -type f | LC_ALL=C sort)

# the web UI; needs node, which tools/setup.sh installs
build/web/index.html: $(WEB) web/node_modules/.package-lock.json
	@echo WEB
	$(Q)node web/build.mjs

web/node_modules/.package-lock.json: web/package-lock.json
	@tools/setup.sh ui

$(B)/embed.c.o: $(B)/embed.c
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/embed.S.o: $(B)/embed.S $(EMBED)
	$(Q)$(CC) -c -o $@ $<

-include $(wildcard $(B)/src/*.d) $(wildcard $(B)/src/*/*.d)

clean:
	rm -rf build

# ---- liblabel, the C client: client/ and include/, which know nothing of src/ ----

LABEL_VERSION := $(shell sed -n 's/.*LABEL_VERSION "\(.*\)"/\1/p' include/label/base.h)
LABEL_SONAME  := liblabel.so.$(firstword $(subst ., ,$(LABEL_VERSION)))
LABEL_PKGS    := libcurl jansson libcrypto
LABEL_LIBS     = $(shell pkg-config --libs $(LABEL_PKGS)) -lpthread
LABEL_CFLAGS   = -std=c11 -D_GNU_SOURCE -Iinclude $(WARN) $(WARN_C) $(HARDEN) -fPIC -fvisibility=hidden \
                 $(OPT_$(KIND)) $(shell pkg-config --cflags $(LABEL_PKGS)) $(CFLAGS)
LABEL_OBJS    := $(patsubst %.c,$(B)/%.o,$(wildcard client/*.c))

build/liblabel.a build/liblabel.so: build/%: $(B)/%
	@ln -sf $(KIND)/$(@F) $@

$(B)/client/%.o: client/%.c Makefile
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(LABEL_CFLAGS) -MMD -MP -c -o $@ $<

# one object in which only the public names are left
$(B)/liblabel.a: $(LABEL_OBJS)
	@echo AR $@
	$(Q)$(LD) -r -o $(B)/client/liblabel.o $^
	$(Q)objcopy --localize-hidden $(B)/client/liblabel.o
	@rm -f $@
	$(Q)$(AR) rcs $@ $(B)/client/liblabel.o

$(B)/liblabel.so: $(LABEL_OBJS) client/liblabel.map
	@echo LD $@
	$(Q)$(CC) -shared -Wl,-soname,$(LABEL_SONAME) -Wl,--version-script,client/liblabel.map \
	    $(filter-out -pie,$(LDHARD)) $(if $(LD_$(KIND)),$(LD_$(KIND)),-Wl,--no-undefined) -o $@ $(LABEL_OBJS) $(LABEL_LIBS) $(LDFLAGS)
	@ln -sf liblabel.so $(B)/$(LABEL_SONAME)

EXAMPLES := $(patsubst examples/%.c,build/examples/%,$(wildcard examples/*.c))

.PHONY: examples
examples: $(EXAMPLES)

$(EXAMPLES): build/examples/%: $(B)/examples/%
	@mkdir -p $(@D)
	@ln -sf ../$(KIND)/examples/$* $@

$(EXAMPLES:build/%=$(B)/%): $(B)/examples/%: examples/%.c $(B)/liblabel.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(LABEL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(B)/liblabel.a $(LDHARD) $(LD_$(KIND)) $(LABEL_LIBS) $(LDFLAGS)

# ---- labelctl: a command line on top of liblabel ----

CTL_SRCS := $(wildcard labelctl/*.c)

build/labelctl: $(B)/labelctl/labelctl
	@ln -sf $(KIND)/labelctl/labelctl $@

$(B)/labelctl/%.o: labelctl/%.c Makefile
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(LABEL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/labelctl/labelctl: $(CTL_SRCS:%.c=$(B)/%.o) $(B)/liblabel.a
	@echo LD $@
	$(Q)$(CC) $(LDHARD) $(LD_$(KIND)) -o $@ $^ $(LABEL_LIBS) -lm $(LDFLAGS)

-include $(wildcard $(B)/client/*.d) $(wildcard $(B)/examples/*.d) $(wildcard $(B)/labelctl/*.d)

# ---- make install: PREFIX is where it will live, DESTDIR stands before it while a package is made ----

PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  := $(DESTDIR)$(PREFIX)/bin
LIBDIR  := $(DESTDIR)$(PREFIX)/lib
SHARE   := $(DESTDIR)$(PREFIX)/share
INSTALL := install -D -m 644

.PHONY: install
install: all
	install -D -t $(BINDIR) build/labeld build/labeld-media build/labelctl
	$(INSTALL) -t $(DESTDIR)$(PREFIX)/include/label include/label/*.h
	$(INSTALL) $(B)/liblabel.a $(LIBDIR)/liblabel.a
	$(INSTALL) $(B)/liblabel.so $(LIBDIR)/liblabel.so.$(LABEL_VERSION)
	ln -sf liblabel.so.$(LABEL_VERSION) $(LIBDIR)/$(LABEL_SONAME)
	ln -sf $(LABEL_SONAME) $(LIBDIR)/liblabel.so
	@mkdir -p $(LIBDIR)/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(LABEL_VERSION)|' client/label.pc.in >$(LIBDIR)/pkgconfig/label.pc
	$(INSTALL) -t $(SHARE)/man/man1 man/*.1
	$(INSTALL) -t $(SHARE)/man/man3 man/*.3
	@tools/manlinks.sh $(SHARE)/man/man3
	@mkdir -p $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	build/labelctl completion bash >$(SHARE)/bash-completion/completions/labelctl
	build/labelctl completion zsh >$(SHARE)/zsh/site-functions/_labelctl
	build/labelctl completion fish >$(SHARE)/fish/vendor_completions.d/labelctl.fish

# ---- tests ----

UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/unit/%: tests/unit/%.c tests/unit/unit.h $(B)/liblabeld.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -o $@ $< $(B)/liblabeld.a $(LDHARD) $(LD_$(KIND)) $(PKG_LIBS) -lcmocka

# what drives liblabel in the tests
CLIENT_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/client/*.c))

$(CLIENT_TESTS): $(B)/tests/client/%: tests/client/%.c $(B)/liblabel.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(LABEL_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LABEL_FOR_TEST) $(LDHARD) $(LD_$(KIND)) $(LABEL_LIBS) -lcmocka

LABEL_FOR_TEST = $(B)/liblabel.a
$(B)/tests/client/parallel: LABEL_FOR_TEST = $(LABEL_OBJS) # it tests what the library hides

-include $(wildcard $(B)/tests/client/*.d)

.PHONY: unit
unit: $(UNIT) $(CLIENT_TESTS) $(EXAMPLES:build/%=$(B)/%) $(B)/labelctl/labelctl

# ---- what people run ----

# A part of the work for each of these: set up, build, do. MAKE is called anew so that what setup has
# installed is seen.
PARTS := $(MAKE) --no-print-directory -j$(shell nproc)

demo:
	@tools/setup.sh ui
	@$(PARTS) all
	@tools/demo.sh $(if $(DEMO_ONCE),once)

check:
	@tools/setup.sh check
	@$(PARTS) all
	@$(PARTS) KIND=asan build/asan/labeld unit fuzz-replay
	@python3 tools/check.py full

fast:
	@tools/setup.sh check
	@$(PARTS) all
	@$(PARTS) KIND=asan unit fuzz-replay
	@python3 tools/check.py fast

bench:
	@tools/setup.sh bench
	@$(PARTS) all bench-programs
	@build/venv/bin/python bench/run.py

# frames, loading and long lists of the web UI in a headless browser
bench-ui:
	@tools/setup.sh check
	@$(PARTS) all
	@node bench/ui.mjs

# project folders up and down by labelctl, against the stock SDK
bench-transfer:
	@tools/setup.sh check
	@$(PARTS) all
	@build/venv/bin/python bench/transfer.py

format:
	clang-format-14 -i $(wildcard src/*.[ch] src/*/*.[ch] client/*.[ch] include/label/*.h labelctl/*.[ch] examples/*.c \
	    tests/unit/*.[ch] tests/client/*.[ch] fuzz/*.c bench/*.c)

# pictures of the web UI and the tour, from the demo data
screenshots:
	@tools/setup.sh check
	@$(PARTS) all
	@node tools/screenshots.mjs

docs: all
	build/labeld api --format markdown > docs/api.md
	tools/manpages.py

# ---- fuzzing ----

# The same targets three ways: replayed over their corpora in the tests (gcc, sanitizers), and driven
# by libFuzzer: make fuzz SECONDS=60
FUZZ    := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
SECONDS ?= 60

$(B)/fuzz/replay_%: fuzz/fuzz_%.c fuzz/replay.c fuzz/fuzz.h $(B)/liblabeld.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -Ifuzz -o $@ $< fuzz/replay.c $(B)/liblabeld.a $(LDHARD) $(LD_$(KIND)) $(PKG_LIBS)

.PHONY: fuzz-replay fuzz
fuzz-replay: $(FUZZ:%=$(B)/fuzz/replay_%)

OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr

build/fuzz/run_%: fuzz/fuzz_%.c fuzz/fuzz.h build/fuzz/liblabeld.a
	@echo CC $<
	$(Q)clang-14 $(CFLAGS_ALL) -Ifuzz -o $@ $< build/fuzz/liblabeld.a -fsanitize=fuzzer,address,undefined -fno-sanitize=vptr $(PKG_LIBS)

fuzz:
	@tools/setup.sh fuzz
	@$(PARTS) KIND=fuzz CC=clang-14 CXX=clang++-14 build/fuzz/liblabeld.a
	@$(PARTS) KIND=fuzz CC=clang-14 CXX=clang++-14 $(FUZZ:%=build/fuzz/run_%)
	@for t in $(FUZZ); do \
	    mkdir -p build/fuzz/found_$$t; \
	    echo "== $$t"; \
	    build/fuzz/run_$$t -max_total_time=$(SECONDS) -print_final_stats=1 -timeout=10 -rss_limit_mb=2048 \
	        build/fuzz/found_$$t fuzz/corpus/$$t 2>&1 | tail -n 8 || exit 1; \
	done

# ---- benches ----

$(B)/bench/%: bench/%.c $(B)/liblabeld.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $< $(B)/liblabeld.a $(LDHARD) $(LD_$(KIND)) $(PKG_LIBS)

.PHONY: bench-programs
bench-programs: $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
