# Archives: what is finished of a sweep, kept in the repository, so that anybody
# can draw its tables and check its bytes.  docs/formats.md has the format.
K := docs/results/data$(size.at)
# archive_NAME: archives of other clones, to be put into ours.
FROM =

# What is kept of a run besides: folders of what is made from its model, each
# with the script that makes it, if one does.
kept.copy := longer
kept.memory := scores:pipelines/memory/score.sh
kept.fsm := scores:pipelines/fsm/score.sh
kept.fsm-nets := scores:pipelines/fsm/score.sh \
	watched:pipelines/fsm/watch.sh onward:pipelines/fsm/onward.sh
kept.compose := scores:pipelines/compose/score.sh \
	heldout:pipelines/compose/heldout.sh
kept.memory-nets := scores:pipelines/memory/score.sh special
# The text that a sweep is on.
$(foreach s,$(01.sweeps),$(eval text.$s = $$(CORPUS)))
$(foreach s,$(01.sweeps),$(eval kept.$s := heldout:$(01.scripts)/heldout.sh))
# The command that names the runs whose models are kept themselves.
models.memory-nets := [ ! -e $T/picks.json ] || $(memory.picked)
# The sweep that results_NAME goes on to.
next.memory := memory-nets
next.fsm := fsm-nets

# $1 sweep
define archive_rules
archive_$1 restore_$1 verify_$1:
	+$Qcommand=$$@; models=$$$$($(or $(value models.$1),:)); \
	RESULTS=$R ARCHIVE=$K/$1.jsonl.gz \
		TEXT='$(if $(value text.$1),$(text.$1))' \
		SPEC=$(call spec,$1) CONTRACT=$(CONTRACT) \
		KINDS='$(value kept.$1)' MODELS="$$$$models" \
		MAKE='$$(MAKE)' FROM='$$(FROM)' N='$$N' SEED='$$(SEED)' \
		pipelines/archive.sh $$$${command%%_*} $1
	$(call archive_next,$1,$(value next.$1))
verify_$1: N = 3
.PHONY: archive_$1 restore_$1 verify_$1
endef
archive_next = $(if $2,+$Qcase $$@ in \
	(archive_*) [ ! -e $R/$2/runs.mk ] || $$(MAKE) -s FROM= archive_$2 ;; \
	(restore_*) [ ! -e $K/$2.jsonl.gz ] || $$(MAKE) -s restore_$2 ;; esac)
$(foreach s,$(ALL),$(eval $(call archive_rules,$s)))

# Which runs are done make sees before it begins, so before they are put back.
$(if $(filter restore_%,$(GOALS)),$(if $(filter results_% stage_% sweep $R/%,\
	$(GOALS)),$(error restore first, in a call of its own: make $(filter \
	restore_%,$(GOALS)) && make $(filter-out restore_%,$(GOALS)))))

## archive_NAME      keep what is finished of a sweep in docs/results/data
## restore_NAME      put what is kept of it back in results/NAME, as done
## verify_NAME       train N=3 of these runs again, drawn by SEED=1: same bytes?
