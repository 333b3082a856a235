# Harnesses of tests/fuzz: linked with plain.c into programs that run files,
# and (make fuzz, clang) with libfuzzer.c into programs that make them.
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
HARNESS = $(FUZZ)
SECONDS = 60
FUZZ_CC = clang
FUZZ_WRAP := $(foreach f,exit _exit at_exit_run at_exit_drop nanosleep fopen \
	fdopen fopencookie open_memstream fclose,-Wl,--wrap=$f)
FUZZ_SHARED := $(patsubst tests/fuzz/%.c,$O/tests/fuzz/%.o,\
	$(filter-out tests/fuzz/fuzz_% %/plain.c %/libfuzzer.c,\
	$(wildcard tests/fuzz/*.c)))
FOBJ := $(FUZZ:%=$O/tests/fuzz/fuzz_%.o) $(FUZZ_SHARED) \
	$O/tests/fuzz/plain.o $O/tests/fuzz/libfuzzer.o
$(FOBJ): $O/%.o: %.c $O/flags
	@mkdir -p $(@D)
	@echo "cc $<"
	$Q$(call compile,)

$(FUZZ:%=$O/tests/fuzz/plain_%): $O/tests/fuzz/plain_%: \
		$O/tests/fuzz/fuzz_%.o $O/tests/fuzz/plain.o $(FUZZ_SHARED) $O/lib.a
	@echo "ld $@"
	$Q$(call link,,)

$(FUZZ:%=$O/tests/fuzz/fuzz_%): $O/tests/fuzz/fuzz_%: \
		$O/tests/fuzz/fuzz_%.o $O/tests/fuzz/libfuzzer.o $(FUZZ_SHARED) $O/lib.a
	@echo "ld $@"
	$Q$(call link,-fsanitize=fuzzer $(FUZZ_WRAP),)

unit: $(FUZZ:%=$O/tests/fuzz/plain_%)

## fuzz              fuzz the parsers with clang (SECONDS=60 each, HARNESS=cell)
fuzz: build
	@tests/fuzz/run.sh '$(FUZZ_CC)' '$(SECONDS)' $(HARNESS)

# What run.sh asks for, with VARIANT=fuzz.
stage_fuzz: $(HARNESS:%=$O/tests/fuzz/fuzz_%)
.PHONY: fuzz stage_fuzz
-include $(FOBJ:.o=.d)
