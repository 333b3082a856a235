# How any sweep runs.
#
# A pipeline E.mk stands in SWEEPS, says with E.data which data a run needs,
# and calls run_rule for each run.  Its description is configs/E.json, which
# genconfigs turns into the list of runs, included below as runs.E (with what
# varies, as NAME.key).  A run NAME is files in results/E:
#
#   configs/NAME.json      what it is (rewritten only when it differs)
#   NAME.json              its result        NAME.safetensors   its model
#   NAME.meta         times and host    NAME.checkpoint    under way
#   NAME.err               why it failed     NAME.checkpoint.lock  at work
#   NAME.sum               its model's sum, where an archive had the result and
#                          not the model
#
# No recipe of a pipeline writes its target: a program or whole.sh renames it
# into place when it is complete.  So what has a target's name is whole, the
# old one or the new one, and make must never delete it: each such target is a
# prerequisite of .PRECIOUS (else make takes it when it is interrupted or, with
# .DELETE_ON_ERROR, when a command fails; of a rule with two targets the second
# even where nothing has touched it).
SIZE = full
LAUNCH =
# What trains: cpu, or cuda; the files are the same.
DEVICE =
TRAIN = bin/train --quiet $(DEVICE:%=--device %)
# A target made by a pipe, given as one word: it fails if any part of it does,
# and then the target is left as it was.
PIPE = pipelines/whole.sh $@ $(SHELL) $(.SHELLFLAGS)
# The same order, decimal point and signs wherever make is called.
export LC_ALL := C.UTF-8
SWEEPS := copy memory 01_all fsm compose
# Sweeps whose description is made from results ($R/NAME.json), and which a
# pipeline runs by itself.
STAGES := memory-nets 02_best 03_bptt 04_bpe fsm-nets
# A sweep of one's own (own.mk): the name in its description, and its files.
SPEC =
$(if $(word 2,$(SPEC)),$(error SPEC names one file, without blanks))
own := $(if $(SPEC),$(shell jq -r '.name | \
	select(test("\\A[A-Za-z0-9][A-Za-z0-9._+-]*\\z"))' $(SPEC)))
$(if $(SPEC),$(if $(own),,$(error $(SPEC) is no description of a sweep with a \
	plain name)))
$(if $(filter $(SWEEPS) $(STAGES),$(own)),$(error $(SPEC): '$(own)' is one of \
	the sweeps that are here already; give it another name))
# What is no plain path stands as '-'.
own.file = $(if $(own),$(shell jq -r '.data.$1 // empty | if tostring | \
	test("\\A[A-Za-z0-9_+/.][A-Za-z0-9._+/-]*\\z") then . else "-" end' \
	$(SPEC)))
own.train := $(call own.file,train)
own.val := $(call own.file,val)
own.test := $(call own.file,test)
own.files := $(own.train) $(own.val) $(own.test)
$(if $(filter -,$(own.files)),$(error $(SPEC): the names of its data hold more \
	than letters, digits and ._+-/))
spec = $(if $(filter $1,$(own)),$(SPEC),$(if \
	$(filter $1,$(STAGES) 01_all),$R,$C)/$1.json)
# Goals that need a sweep's list, where they are not just results_NAME.
goals.01_all := results_01_all results_02_best results_03_bptt results_04_bpe
goals.02_best := stage_02_best
goals.03_bptt := stage_03_bptt
goals.04_bpe := stage_04_bpe
$(if $(filter full quick paper,$(SIZE)),,$(error SIZE is full, quick or paper, \
	not '$(SIZE)'))
QUICK := $(filter quick,$(SIZE))
size.at := $(filter-out /full,/$(SIZE))
R := results$(size.at)
D := data$(size.at)
C := configs$(size.at)
# Of the original's size are those that have a description of it.
ifeq ($(SIZE),paper)
SWEEPS := $(foreach s,$(SWEEPS),$(if $(wildcard $C/$s.json),$s))
STAGES := $(foreach s,$(STAGES),$(if $(wildcard $C/$s.json),$s))
$(foreach g,$(filter results_%,$(MAKECMDGOALS)),$(if $(filter \
	$(SWEEPS:%=results_%) results_all,$g),,$(error $g has no SIZE=paper: that \
	is for $(SWEEPS:%=results_%))))
endif

# Lists are made only for the sweeps that are asked for, and not by make -n.
DRY := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
GOALS := $(MAKECMDGOALS)
ASKED := $(strip $(foreach s,$(SWEEPS) $(STAGES),$(if $(filter \
	$(or $(value goals.$s),results_$s) $R/$s/% $D/$s/% \
	$(if $(filter $s,$(SWEEPS)),results_all),$(GOALS)),$s)) \
	$(if $(filter sweep $R/$(own)/%,$(GOALS)),$(own)))

ALL = $(SWEEPS) $(STAGES) $(own)
define list_rule
.PRECIOUS: $R/$1/runs.mk
$R/$1/runs.mk: $(call spec,$1) $(if $(filter $1,$(own)),$(own.files)) \
		$(wildcard configs/cells/*.cell) | bin/genconfigs
	$Qmkdir -p $R/$1/configs
	$QUNROLL_CELLS=configs/cells bin/genconfigs --dir $R/$1/configs -o $$@ $$<
endef
$(foreach s,$(ALL),$(eval runs.$s :=))
KNOWN := $(foreach s,$(ASKED),$(if $(DRY),$(wildcard $R/$s/runs.mk),$R/$s/runs.mk))
$(foreach s,$(ASKED),$(if $(and $(DRY),$(wildcard $R/$s/runs.mk)),,\
	$(eval $(call list_rule,$s))))
include $(KNOWN)

# After kill -9.  Temporaries that are nobody's go; a run whose lock is there
# is given to train again, though its files are whole: train waits for who
# holds it, or finds that all is done and removes lock and checkpoint.
$(if $(or $(DRY),$(if $(ASKED),,none)),,$(shell pipelines/leftovers.sh -r \
	$(ASKED:%=$R/%) $(ASKED:%=$D/%) $(wildcard $R/*.part.* $R/.*.part.*)))
$(patsubst %.checkpoint.lock,%.json,$(foreach s,$(ASKED),\
	$(wildcard $R/$s/*.checkpoint.lock))): force

# Golden runs in the tests pin every byte under a contract number, so a run
# is made again when the number changes and not when the program does.
CONTRACT := $(shell sed -n 's/.* CONTRACT = \([0-9]*\) .*/\1/p' \
	lib/train/contract.h)
contract.was := $(strip $(file < $R/.contract))
ifneq ($(CONTRACT),$(contract.was))
$R/.contract: force
endif
$R/.contract:
	$Qmkdir -p $(@D)
	$Qpipelines/whole.sh $@ echo $(CONTRACT)
.PRECIOUS: $R/.contract

# $1 sweep, $2 run.  What came out of an archive without its model is done as it
# stands: `restored` names it, `trained` what there is of another.  Where its
# model is asked for after all, by name or by a recipe that begins with `wake`,
# it is trained again.
restored = $(if $(filter $(CONTRACT),$(contract.was)),$(if \
	$(wildcard $R/$1/$2.safetensors),,$(and $(wildcard $R/$1/$2.sum),$(wildcard \
	$R/$1/$2.json))))
trained = $(if $(call restored,$1,$2),,$R/$1/$2.json $R/$1/$2.safetensors)
wake = $(if $(call restored,$1,$2),+$Q[ -e $R/$1/$2.safetensors ] || \
	$$(MAKE) --no-print-directory $R/$1/$2.safetensors)
define restored_rule
.PRECIOUS: $R/$1/$2.safetensors
$R/$1/$2.safetensors:
	$Qrm -f $R/$1/$2.sum
	+$Q$$(MAKE) --no-print-directory $$@
endef
# $1 the rule of a run, $2 sweep, $3 runs
rules = $(foreach r,$3,$(eval $(call $(if \
	$(call restored,$2,$r),restored_rule,$1),$2,$r)))

# $1 sweep, $2 run.  train locks its run, resumes it, and finds it done.
define run_rule
.PRECIOUS: $R/$1/$2.json $R/$1/$2.safetensors
$R/$1/$2.json $R/$1/$2.safetensors &: $R/$1/configs/$2.json \
		$(foreach p,train val test,$(call $1.data,$2)-$p.gz) \
		$R/.contract | bin/train
	@echo 'train $R/$1/$2'
	$Qpipelines/run.sh $R/$1/$2 '$$^' $(LAUNCH) $(TRAIN) \
		--config $R/$1/configs/$2.json --result $R/$1/$2.json \
		--save $R/$1/$2.safetensors --val $(call $1.data,$2)-val.gz \
		--test $(call $1.data,$2)-test.gz $(call $1.data,$2)-train.gz
endef

# Values that a key takes in a sweep: $(call values,copy,task.len)
values = $(sort $(foreach r,$(runs.$1),$($r.$2)))

# a b c -> a,b,c
empty :=
commas = $(subst $(empty) $(empty),$(comma),$(strip $1))

## results_all       every sweep (SIZE=quick: small versions)
results_all: $(SWEEPS:%=results_%)

# What begins a sweep.
begin = $(if $(filter $1,$(own)),SPEC=$(SPEC) sweep,$(or $(value \
	begin.$1),results_$1))
# A sample that is asked for here, and not only when the runs were made.
SAMPLED = SAMPLE=$(if $(filter command,$(firstword $(origin SAMPLE))),$(SAMPLE))

## status            done, running, failed and left of each sweep; time left
status:
	@$(SAMPLED) pipelines/status.sh $R $(foreach s,$(ALL),\
		'$s:$(if $(filter-out full,$(SIZE)),SIZE=$(SIZE) )$(call begin,$s)')

## failed            the failed runs, with the last line each left
failed:
	@$(SAMPLED) pipelines/failed.sh $R $(ALL)

## prune             list files that no description asks for, and leftovers
prune:
	@pipelines/prune.sh $R $D $(ALL)

.PHONY: results_all status failed prune
