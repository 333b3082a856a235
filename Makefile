# The whole project: `make help` lists what can be asked for.
MAKEFLAGS += -r --warn-undefined-variables
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# gcc, unless the command line, the environment or config.mk says another.
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
VARIANT = release
CFLAGS = -O2 -g $(SANITIZE.$(VARIANT))
SANITIZE.release :=
SANITIZE.asan := -O1 -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
SANITIZE.tsan := -O1 -fno-omit-frame-pointer -fsanitize=thread
SANITIZE.fuzz := $(SANITIZE.asan) -fsanitize=fuzzer-no-link
PREFIX = /usr/local
DESTDIR =
V =
-include config.mk
# V=1 shows every command as it is run.
Q := $(if $V,,@)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla
# Libraries where pkg-config says they are, found there again by the programs.
LIBS := $(shell for l in jansson:-ljansson libmd:-lmd zlib:-lz; do \
	pkg-config --cflags --libs $${l%:*} 2>/dev/null || echo $${l\#*:}; done)
INCLUDES := $(filter-out -I/usr/include,$(filter -I% -D%,$(LIBS)))
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Ilib $(INCLUDES) -ffp-contract=off \
	-fno-math-errno $(WARN) $(CFLAGS)
comma := ,
LDLIBS := $(filter-out -I% -D%,$(LIBS)) \
	$(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter -L%,$(LIBS))) \
	-lm -lpthread
DEFINE =
TOOLS := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
# A target is made under another name and renamed, so that of a build that is
# killed no half of a file is taken for a whole one.
NEW = $@.new.$$$$
PUT = mv -f $(NEW) $@
# $1: flags besides; $2: libraries
compile = $(CC) $(ALL_CFLAGS) $1 -MMD -MP -MT $@ -MF $(@:.o=.d).new.$$$$ -c \
	-o $(NEW) $< && mv -f $(@:.o=.d).new.$$$$ $(@:.o=.d) && $(PUT)
link = $(CC) $(ALL_CFLAGS) $1 -o $(NEW) $^ $2 $(LDLIBS) && $(PUT)
O := build/$(VARIANT)
B := $(if $(filter release,$(VARIANT)),bin,$O/bin)

# Said once, and not by each command that fails.  What is only built can be
# built elsewhere; tests and sweeps call bin/ and leave files beside it.
WRITES := $(filter-out help status failed prune,$(or $(MAKECMDGOALS),help))
HERE := $(filter-out build unit bench install uninstall $O/% $B/%,$(WRITES))
ifneq ($(WRITES),)
ifneq ($(shell d=$(if $(HERE),build,$O); until [ -e "$$d" ]; do \
	d=$$(dirname "$$d"); done; [ -w "$$d" ] || echo no),)
$(error nothing can be written in $(if $(HERE),$(CURDIR); copy it and go on \
there$(comma) as in: cp -r . /tmp/unroll,$O; build elsewhere$(comma) as in: make \
O=/tmp/unroll B=/tmp/unroll/bin build))
endif
endif

# Kernels are compiled once for each instruction set of the machine.
KERNELS := $(wildcard lib/cpu/kernels/*.c)
ARCH := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ISAS := $(if $(filter aarch64 arm64,$(ARCH)),neon,sse2 avx2 avx512)
ISA.neon :=
ISA.sse2 := -msse2
ISA.avx2 := -mavx2 -mfma
ISA.avx512 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma \
	-mprefer-vector-width=512
KOBJ := $(foreach i,$(ISAS),$(KERNELS:lib/%.c=$O/lib/%.$i.o))

SRC := $(filter-out $(KERNELS),$(wildcard lib/*/*.c))
LIB := $(SRC:%.c=$O/%.o)
MAINS := $(TOOLS:%=$O/tools/%.o)
# Programs that one study asks for, built when it does.
CONTRIB := $(patsubst contrib/%.c,%,$(wildcard contrib/*.c))
COBJ := $(CONTRIB:%=$O/contrib/%.o)

# One cmocka program a tests/unit/test_*.c; what they share is beside them and
# in tests/ref.
TESTS := $(patsubst %.c,%,$(wildcard tests/unit/test_*.c))
SHARED := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c tests/ref/*.c))
SOBJ := $(SHARED:%.c=$O/%.o)
TOBJ := $(TESTS:%=$O/%.o) $(SOBJ)
$(TOBJ): DEFINE = -Itests
BENCHES := $(patsubst %.c,%,$(wildcard tests/bench/bench_*.c))
BOBJ := $(BENCHES:%=$O/%.o) $O/tests/bench/meter.o

## build             compile every tool into bin/ (VARIANT=asan: build/asan/bin)
build: $(TOOLS:%=$B/%)

$(TOOLS:%=$B/%): $B/%: $O/tools/%.o $O/lib.a | $B
	@echo "ld $@"
	$Q$(call link,-Wl$(comma)--build-id=none,)

-include $(COBJ:.o=.d)
$(CONTRIB:%=$B/%): $B/%: $O/contrib/%.o $O/lib.a | $B
	@echo "ld $@"
	$Q$(call link,-Wl$(comma)--build-id=none,)

$O/lib.a: $(LIB) $(KOBJ) $O/lib/cell/builtin.o $O/lib/cuda/texts.o
	$Qar rcsD $(NEW) $^ && $(PUT)

$(LIB) $(MAINS) $(COBJ) $(TOBJ) $(BOBJ): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(call compile,$(DEFINE))

# The cells of configs/cells, compiled in (lib/cell/builtin.h).
CELLS := $(sort $(wildcard configs/cells/*.cell))
ifneq ($(CELLS),$(strip $(file < $O/cells)))
$O/cells: force
endif
$O/cells:
	@mkdir -p $(@D)
	@echo '$(CELLS)' > $(NEW) && $(PUT)

$O/lib/cell/builtin.c: $(CELLS) $O/cells
	@mkdir -p $(@D)
	@{ echo '#include "cell/builtin.h"'; \
	  echo 'const struct builtin_cell builtin_cells[] = {'; \
	  for f in $(CELLS:configs/cells/%.cell=%); do \
	      echo "{ \"$$f\","; \
	      sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' configs/cells/$$f.cell; \
	      echo '},'; \
	  done; \
	  echo '{ 0, 0 } };'; } > $(NEW) && $(PUT)

$O/lib/cell/builtin.o: $O/lib/cell/builtin.c $O/flags
	$Q$(call compile,)

# The texts of lib/cuda, compiled in (lib/cuda/text.h).
TEXTS := $(sort $(wildcard lib/cuda/*.cu))
ifneq ($(TEXTS),$(strip $(file < $O/texts)))
$O/texts: force
endif
$O/texts:
	@mkdir -p $(@D)
	@echo '$(TEXTS)' > $(NEW) && $(PUT)

$O/lib/cuda/texts.c: $(TEXTS) $O/texts
	@mkdir -p $(@D)
	@{ echo '#include "cuda/text.h"'; \
	  echo 'const struct cuda_text cuda_texts[] = {'; \
	  for f in $(TEXTS:lib/cuda/%.cu=%); do \
	      echo "{ \"$$f\","; \
	      sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' lib/cuda/$$f.cu; \
	      echo '},'; \
	  done; \
	  echo '{ 0, 0 } };'; } > $(NEW) && $(PUT)

# One string each, longer than C asks of a compiler.
$O/lib/cuda/texts.o: $O/lib/cuda/texts.c $O/flags
	$Q$(call compile,-Wno-overlength-strings)

# -g1: where an unrolled kernel's variables are takes longer than its code.
define kernel_rule
$(KERNELS:lib/%.c=$O/lib/%.$1.o): $O/%.$1.o: %.c $O/flags
	@mkdir -p $$(@D)
	@echo "cc $$< for $1"
	$Q$$(call compile,$(if $(filter -g,$(CFLAGS)),-g1) -O3 $(ISA.$1) -DISA=$1 -DISA_$1)
endef
$(foreach i,$(ISAS),$(eval $(call kernel_rule,$i)))

# Newer than the objects only when compiler or flags differ from last time.
ifneq ($(strip $(CC) $(ALL_CFLAGS)),$(strip $(file < $O/flags)))
$O/flags: force
endif
$O/flags:
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS)' > $(NEW) && $(PUT)

# Only the file that prints the version is compiled again after a commit.
VERSION := $(or $(shell git describe --tags --always --dirty 2>/dev/null),\
	unknown)
$O/lib/base/build.o: $O/version
$O/lib/base/build.o: DEFINE = -DVERSION='"$(VERSION)"' \
	-DBUILD_ISAS='"$(ISAS)"' -DBUILD_FLAGS='"$(strip $(ALL_CFLAGS))"'
ifneq ($(VERSION),$(strip $(file < $O/version)))
$O/version: force
endif
$O/version:
	@mkdir -p $(@D)
	@echo '$(VERSION)' > $(NEW) && $(PUT)

$B:
	@mkdir -p $@

## unit              compile the unit tests
unit: $(TESTS:%=$O/%) $(CONTRIB:%=$B/%)

$O/tests.a: $(SOBJ)
	$Qar rcsD $(NEW) $^ && $(PUT)

$(TESTS:%=$O/%): $O/%: $O/%.o $O/tests.a $O/lib.a
	@echo "ld $@"
	$Q$(call link,,-lcmocka)

# What makes calls fail for tests/inject.sh.
FAULTS := $O/tests/inject/malloc.so $O/tests/inject/call $O/tests/inject/try
unit: $(if $(filter release,$(VARIANT)),$(FAULTS))
$(FAULTS): tests/inject/mark.h $O/flags
$O/tests/inject/malloc.so: tests/inject/malloc.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(CC) $(ALL_CFLAGS) -Itests -fPIC -shared -o $(NEW) $< && $(PUT)
$O/tests/inject/call $O/tests/inject/try: $O/%: %.c
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(CC) $(ALL_CFLAGS) -Itests -o $(NEW) $< && $(PUT)

$(BENCHES:%=$O/%): $O/%: $O/%.o $O/tests/bench/meter.o $O/lib.a
	@echo "ld $@"
	$Q$(call link,,)

# The CUDA driver, NVRTC and cuBLAS behind lib/cuda/device.h, where the headers
# of a toolkit are: beside the programs, which open it when they are asked for
# it.  CUDA_HOME= leaves it out.
CUDA_HOME := /usr/local/cuda
HEADERS := cuda.h nvrtc.h cublas_v2.h
CUDA_INCLUDE := $(if $(CUDA_HOME),$(firstword $(foreach d, \
	$(CUDA_HOME)/include /usr/include, \
	$(if $(filter-out 3,$(words $(wildcard $(HEADERS:%=$d/%)))),,$d))))
TOOLKIT := $(patsubst %.c,$O/%.o,$(wildcard lib/cuda/toolkit/*.c))
CUDA := $(if $(CUDA_INCLUDE),$B/unroll-cuda.so)
# Of the toolkit, when it was built: its libraries have the number's first part
# in their names.
CUDA_MAJOR := $(if $(CUDA_INCLUDE),$(shell \
	sed -n 's/^\#define CUDA_VERSION \(.*\)...$$/\1/p' $(CUDA_INCLUDE)/cuda.h))
build: $(CUDA)
$(TOOLKIT): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(call compile,-fno-sanitize=all -fPIC -fvisibility=hidden \
	-isystem $(CUDA_INCLUDE) -DMAJOR=$(CUDA_MAJOR))
$B/unroll-cuda.so: $(TOOLKIT) | $B
	@echo "ld $@"
	$Q$(CC) -shared -Wl,-Bsymbolic,--build-id=none,--enable-new-dtags \
	-Wl,-rpath,$(CUDA_HOME)/lib64 -o $(NEW) $^ -ldl && $(PUT)
$O/tests/unit/unroll-cuda.so: $(CUDA)
	@mkdir -p $(@D)
	@ln -sf $(abspath $<) $(NEW) && $(PUT)
unit: $(if $(CUDA),$O/tests/unit/unroll-cuda.so)

# For tests/toolkit.sh: a driver that computes nothing, what asks it.
STUBBED := $O/tests/cuda/probe $O/tests/cuda/stub/libcuda.so.1 \
	$O/tests/cuda/unroll-cuda.so
unit: $(if $(CUDA),$(STUBBED))
ASKING := $(patsubst %,$O/tests/cuda/%,probe ceilings speed)
$(ASKING): $O/%: %.c $O/tests/bench/meter.o $O/lib.a
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(call link,-Itests,)
$O/tests/cuda/stub/libcuda.so.1: tests/cuda/stub.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(CC) $(ALL_CFLAGS) -fno-sanitize=all -Wno-unused-parameter \
	-Wno-missing-prototypes -isystem $(CUDA_INCLUDE) -fPIC -shared \
	-o $(NEW) $< && $(PUT)
$O/tests/cuda/unroll-cuda.so $O/tests/bench/unroll-cuda.so: $(CUDA)
	@mkdir -p $(@D)
	@ln -sf $(abspath $<) $(NEW) && $(PUT)

# The GPU that runs on the host, for tests (docs/cuda.md), found beside every
# program that tests start; it is never installed.
EMULATOR := $(patsubst %.c,$O/%.o,$(wildcard tests/emulator/*.c))
EMULATED := $O/emulated/unroll-emulated.so
$(EMULATOR): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(call compile,-fno-sanitize=all -fPIC -fvisibility=hidden -Itests)
$O/tests/emulator/language.c: tests/emulator/calls.h tests/emulator/language.hh
	@mkdir -p $(@D)
	@{ echo 'extern const char emu_language[];'; \
	  echo 'const char emu_language[] ='; \
	  cat $^ | sed 's/[\\"]/\\&/g; s/.*/"&\\n"/'; echo ';'; } > $(NEW) && $(PUT)
$O/tests/emulator/language.o: $O/tests/emulator/language.c $O/flags
	$Q$(call compile,-fPIC -fvisibility=hidden -Wno-overlength-strings)
$(EMULATED): $(EMULATOR) $O/tests/emulator/language.o
	@mkdir -p $(@D)
	@echo "ld $@"
	$Q$(CC) -shared -Wl,-Bsymbolic -o $(NEW) $^ -ldl -lm && $(PUT)
$B/unroll-emulated.so $O/tests/unit/unroll-emulated.so \
$O/tests/cuda/unroll-emulated.so: $(EMULATED) | $B
	@mkdir -p $(@D)
	@ln -sf $(abspath $<) $(NEW) && $(PUT)
unit: $B/unroll-emulated.so $O/tests/unit/unroll-emulated.so

include tests/fuzz/fuzz.mk

# What tests/power.sh and tests/allocs.sh preload.
PRELOADS := $O/tests/power/log.so $O/tests/allocs/count.so
unit: $(PRELOADS)
$(PRELOADS): $O/%.so: %.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(CC) $(ALL_CFLAGS) -Itests -fPIC -shared -o $(NEW) $< && $(PUT)
$O/tests/allocs/count.so: tests/allocs/counted.h

## check             every test that needs no device (./check installs needs)
check: build unit
	tests/all.sh $B $O

## check-fast        the same without the slow ones, in about a minute
check-fast: build unit
	FAST=1 tests/all.sh $B $O

## check-random      N random cells of seed SEED against tests/ref
N = 1000
SEED = 1
check-random: build
	TABLE=1 N=$N SEED=$(SEED) tests/all.sh $B $O random

## check-emulated    nets on a GPU that runs on the host, beside the CPU's
check-emulated: build unit
	tests/all.sh $B $O emulated toolkit

## check-barriers    each barrier of each kernel taken out: is it missed?
check-barriers: build unit
	PATH="$(abspath $B):$$PATH" tests/barriers.sh

## check-mutants     lines made wrong on purpose: do N random cells show each?
check-mutants: N = 300
check-mutants:
	tests/mutants.sh -n $N -s $(SEED)

## check-cuda        the same and more on a GPU; without one it says so and skips
check-cuda: build unit
	tests/all.sh $B $O cuda

## check-sanitize    unit tests, damaged and fuzzed inputs under ASan and UBSan
check-sanitize:
	$(MAKE) VARIANT=asan build unit
	tests/all.sh build/asan/bin build/asan sanitize regress fuzz

## check-tsan        nets with threads, fleets and workers under TSan
check-tsan:
	$(MAKE) VARIANT=tsan build
	tests/all.sh build/tsan/bin build/tsan tsan

## check-kills       kill -9 at random moments, N of each kind (N=20)
check-kills: N = 20
check-kills: build
	KILLS=$N tests/all.sh $B $O kills

## check-neon        build for aarch64, run its tests under qemu-user
check-neon: build
	tests/all.sh $B $O neon

## bench             JSON lines: speed of kernels and whole updates
bench: build $(BENCHES:%=$O/%)
	@for b in $(BENCHES:%=$O/%); do $$b; done

## bench-peers       the same work in PyTorch, installed if need be, and oneDNN
bench-peers: $O/tests/bench/bench_steps
	@tests/bench/peers.sh $O

## bench-cuda        JSON lines: a GPU's ceilings, whole updates, PyTorch's
bench-cuda: build $O/tests/cuda/ceilings $O/tests/bench/bench_steps \
		$(if $(CUDA),$O/tests/cuda/unroll-cuda.so $O/tests/bench/unroll-cuda.so)
	@tests/bench/cuda.sh $O

## bench-emulator    JSON lines: what the emulated GPU's accesses cost
bench-emulator: $O/tests/cuda/speed $O/tests/cuda/unroll-emulated.so
	@for p in fast ascending 1 2; do UNROLL_EMULATED=$$p $<; done

## check-inject      each allocation and system call of small runs fails once
check-inject: build unit
	INJECT=all tests/all.sh $B $O inject
.PHONY: check-inject

## install           programs into PREFIX/bin (PREFIX=/usr/local)
install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install $(TOOLS:%=$B/%) $(DESTDIR)$(PREFIX)/bin
	$(if $(CUDA),install -d $(DESTDIR)$(PREFIX)/lib/unroll)
	$(if $(CUDA),install $(CUDA) $(DESTDIR)$(PREFIX)/lib/unroll)

## uninstall         take them away again
uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%)
	rm -rf $(DESTDIR)$(PREFIX)/lib/unroll

include pipelines/rules.mk pipelines/copy.mk pipelines/memory.mk \
	pipelines/01_all.mk pipelines/fsm.mk pipelines/compose.mk pipelines/own.mk \
	pipelines/archive.mk

## clean             remove bin/ and build/ (data and results stay)
clean:
	rm -rf bin build

## help              this list
help:
	@sed -n 's/^## //p' $(filter-out config.mk %.d,$(MAKEFILE_LIST))

force:
.PHONY: build unit check check-fast check-kills check-random check-mutants \
	check-sanitize check-tsan check-neon check-cuda check-emulated \
	check-barriers bench bench-peers bench-cuda bench-emulator install uninstall clean help force
-include $(LIB:.o=.d) $(MAINS:.o=.d) $(KOBJ:.o=.d) $(TOBJ:.o=.d) $(BOBJ:.o=.d) \
	$(EMULATOR:.o=.d) $(TOOLKIT:.o=.d)
