# The whole project: `make help` lists what can be asked for.
MAKEFLAGS += -r --warn-undefined-variables
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

CC = gcc
CFLAGS = -O2 -g
VARIANT = release
-include config.mk

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Ilib -MMD -MP -ffp-contract=off \
	-fno-math-errno $(WARN) $(CFLAGS)
LDLIBS := -ljansson -lmd -lz -lm -lpthread
TOOLS := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
O := build/$(VARIANT)
B := $(if $(filter release,$(VARIANT)),bin,$O/bin)

# Kernels are compiled once for each instruction set of the machine.
KERNELS := $(wildcard lib/cpu/kernels/*.c)
ISAS := sse2 avx2 avx512
ISA.sse2 := -msse2
ISA.avx2 := -mavx2 -mfma
ISA.avx512 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512
KOBJ := $(foreach i,$(ISAS),$(KERNELS:lib/%.c=$O/lib/%.$i.o))

SRC := $(filter-out $(KERNELS),$(wildcard lib/*/*.c))
LIB := $(SRC:lib/%.c=$O/lib/%.o)
MAINS := $(TOOLS:%=$O/tools/%.o)

## build        compile every tool (VARIANT=asan goes to build/asan/bin)
build: $(TOOLS:%=$B/%)

$(TOOLS:%=$B/%): $B/%: $O/tools/%.o $O/lib.a | $B
	$(CC) $(ALL_CFLAGS) -Wl,--build-id=none -o $@ $^ $(LDLIBS)

$O/lib.a: $(LIB) $(KOBJ)
	rm -f $@
	ar rcsD $@ $^

$(LIB) $(MAINS): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define kernel_rule
$(KERNELS:lib/%.c=$O/lib/%.$1.o): $O/%.$1.o: %.c $O/flags
	@mkdir -p $$(@D)
	$(CC) $(ALL_CFLAGS) -O3 $(ISA.$1) -DISA=$1 -DISA_$1 -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call kernel_rule,$i)))

# Newer than the objects only when compiler or flags differ from last time.
ifneq ($(strip $(CC) $(ALL_CFLAGS)),$(strip $(file < $O/flags)))
$O/flags: force
endif
$O/flags:
	@mkdir -p $(@D)
	echo '$(CC) $(ALL_CFLAGS)' > $@

$B:
	mkdir -p $@

## clean        remove bin/ and build/ (results stay)
clean:
	rm -rf bin build

## help         this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

force:
.PHONY: build clean help force
-include $(LIB:.o=.d) $(MAINS:.o=.d) $(KOBJ:.o=.d)
