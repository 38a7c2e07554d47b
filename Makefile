# labeld. Two commands for a newcomer: `make demo` runs it, `make check` tests it. Everything that is
# built stands in build/; each kind of build has a folder there.

KIND    ?= release
B       := build/$(KIND)
CC      := gcc
CXX     := g++
# make V=1 shows the commands
Q       := $(if $(V),,@)
PKGS    := libmicrohttpd sqlite3 libpq libcrypto libsodium
NEEDED  := $(PKGS) simdjson

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wpointer-arith \
           -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wdouble-promotion -Wcast-qual \
           -Wimplicit-fallthrough -Werror
WARN_C  := -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE \
           -fno-strict-aliasing -ftrivial-auto-var-init=zero
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

SRCS    := $(filter-out src/main.c,$(wildcard src/*/*.c))
CXXSRCS := $(wildcard src/*/*.cc)
EMBED   := $(sort $(wildcard sql/*.sql) $(wildcard demo/*.jpeg))
OBJS    := $(SRCS:%.c=$(B)/%.o) $(CXXSRCS:%.cc=$(B)/%.o) $(B)/embed.c.o $(B)/embed.S.o

.PHONY: all clean setup demo check fast quick bench format docs

all: build/labeld

# ---- program ----

build/labeld: $(B)/labeld
	@ln -sf $(KIND)/labeld $@

$(B)/labeld: $(B)/src/main.o $(B)/liblabeld.a
	@echo LD $@
	$(Q)$(CC) $(LDHARD) $(LD_$(KIND)) -o $@ $^ $(PKG_LIBS) $(LDFLAGS)

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

$(B)/embed.c $(B)/embed.S &: $(EMBED) tools/embed.sh Makefile
	@mkdir -p $(@D)
	$(Q)tools/embed.sh $(B)/embed $(EMBED)

$(B)/embed.c.o: $(B)/embed.c
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(B)/embed.S.o: $(B)/embed.S $(EMBED)
	$(Q)$(CC) -c -o $@ $<

-include $(wildcard $(B)/src/*.d) $(wildcard $(B)/src/*/*.d)

clean:
	rm -rf build

# ---- tests ----

UNIT    := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/unit/%: tests/unit/%.c tests/unit/unit.h $(B)/liblabeld.a
	@mkdir -p $(@D)
	@echo CC $<
	$(Q)$(CC) $(CFLAGS_ALL) -Itests/unit -o $@ $< $(B)/liblabeld.a $(LDHARD) $(LD_$(KIND)) $(PKG_LIBS) -lcmocka

.PHONY: unit
unit: $(UNIT)
