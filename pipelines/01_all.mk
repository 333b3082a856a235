# System 1: which gates help a net that is trained one step at a time?
# 01_all trains every cell; from its summary come three sweeps more: 02_best
# (the best of them wider, deeper, longer), 03_bptt (the best with the gradient
# through k steps) and 04_bpe (that on byte-pair tokens).
#
# CORPUS: the text.  SEEDS: seeds a configuration.  SAMPLE: only the first so
# many of the 432 in the description's order, in which what is finished is
# balanced (144: all nets of 32 units; 240: and all of one layer; 288: and a
# quarter of the others), or 'done': what is there already, and train nothing.
# HELDOUT: so many per cent, the best first, are judged on text held out; with
# 100 effects are told by that, too.
CORPUS = $(if $(QUICK),$D/text,data/enwik8)
SEEDS = 0
SAMPLE = $(if $(QUICK),40,0)
HELDOUT = 10
$(if $(filter-out done,$(SAMPLE))$(filter-out 1,$(words $(SAMPLE))),$(if \
	$(shell expr '$(SAMPLE)' : '[0-9]\{1,6\}$$' > /dev/null || echo no),$(error \
	SAMPLE is a number of runs or 'done', not '$(SAMPLE)')))
01.below := $(if $(QUICK),3.5,1.9)
01.switches := use_input_gate use_forget_gate use_output_gate use_state_gate \
	use_new_state use_old_state use_residual
01.keys := $(call commas,$(01.switches:%=options.%) layers size)
01.scripts := pipelines/01_all
01.whole := pipelines/whole.sh

# ---- the text --------------------------------------------------------------

01.url := http://mattmahoney.net/dc/enwik8.zip
01.sha256 := 2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8
## data/enwik8       fetch and verify the corpus of system 1 (100 MB)
.PRECIOUS: data/enwik8 $D/text
data/enwik8:
	$Q$(01.scripts)/fetch.sh $@ $(01.url) $(01.sha256)

# Without a corpus: the project's own documents.
$D/text: README.md $(wildcard docs/*.md)
	$Qmkdir -p $(@D)
	$Q$(01.whole) $@ cat $^

# Where results came out of an archive and no text is here, they are of the text
# that their description names, and what needs it says so.
01.corpus := $(if $(and $(wildcard $R/01_all.json),$(filter-out \
	$D/text,$(CORPUS))),$(wildcard $(CORPUS)),$(CORPUS))
01.needed = $(if $(01.corpus),,$(error $R/01_all.json is of a text that is not \
	here$(comma) of the SHA-256 $(shell jq -r .base.task.corpus \
	$R/01_all.json): say CORPUS=path or$(comma) to draw what is \
	done$(comma) SAMPLE=done))

# A choice made on the command line, as a file that is newer if it changed.
define 01.choice
ifneq ($2,$(strip $(file < $1)))
$1: force
endif
.PRECIOUS: $1
$1:
	$Qmkdir -p $$(@D)
	$Q$(01.whole) $$@ echo '$2'
endef
$(eval $(call 01.choice,$R/.01_text,$(strip $(01.corpus) $(SEEDS))))

.PRECIOUS: $R/01_all.json
$R/01_all.json: $C/01_all.json $(01.corpus) $R/.01_text \
		$(01.scripts)/description.jq | bin/gentask
	$Qhash=$$($(if $(01.corpus),bin/gentask text --file $(CORPUS) --count 0 | \
		head -1 | jq -r .task.corpus,jq -r .base.task.corpus $@)); \
	$(01.whole) $@ jq --arg corpus "$$hash" --argjson seeds $(SEEDS) \
		-f $(01.scripts)/description.jq $C/01_all.json

# ---- runs ------------------------------------------------------------------

ifneq ($(and $(runs.01_all),$(filter-out 0,$(SAMPLE))),)
runs.01_all := $(shell printf '%s\n' $(runs.01_all) | \
	pipelines/sample.sh $(SAMPLE) $R/01_all)
endif
$(eval $(call 01.choice,$R/01_all/.sample,$(strip $(SAMPLE) $(if $(filter \
	done,$(SAMPLE)),$(words $(runs.01_all))))))
$(eval $(call 01.choice,$R/01_all/.heldout,$(HELDOUT)))

# $1 sweep, $2 run: training, and what the model is worth on text held out.
define 01.rule
.PRECIOUS: $R/$1/$2.json $R/$1/$2.safetensors
$R/$1/$2.json $R/$1/$2.safetensors &: $R/$1/configs/$2.json $R/.contract \
		| bin/train bin/gentask $(01.corpus) $($1.vocabulary)
	$$(01.needed)@echo 'train $R/$1/$2'
	$Qpipelines/run.sh $R/$1/$2 '$$^' $(LAUNCH) $(TRAIN) \
		--config $R/$1/configs/$2.json --result $R/$1/$2.json \
		--save $R/$1/$2.safetensors --source 'bin/gentask --config \
		$R/$1/configs/$2.json --file $(CORPUS) --serve \
		$($1.vocabulary:%=--vocabulary %)'
endef
define 01.judge
.PRECIOUS: $R/$1/heldout/$2.json
$R/$1/heldout/$2.json: $(filter %.safetensors,$(call trained,$1,$2)) \
		$(01.scripts)/heldout.sh \
		| bin/eval bin/gentask $(01.corpus) $R/$1/heldout
	$$(01.needed)@echo 'judge $R/$1/$2'
	$(call wake,$1,$2)
	$Q$(01.whole) $$@ $(01.scripts)/heldout.sh $R/$1/configs/$2.json \
		$R/$1/$2.safetensors $(CORPUS) $($1.vocabulary)
endef
# $1 sweep, $2 runs
01.runs = $(call rules,01.rule,$1,$2)$(foreach r,$2,$(eval \
	$(call 01.judge,$1,$r)))
01.sweeps := 01_all 02_best 03_bptt 04_bpe
$(01.sweeps:%=$R/%/heldout) $R/01_all/swarm $R/01_all/below $R/02_best/swarm:
	$Qmkdir -p $@
01_all.vocabulary :=
02_best.vocabulary :=
03_bptt.vocabulary :=

# Byte pairs are learned once for each text.
01.tokens := $(if $(wildcard $C/04_bpe.json),$(shell jq .sweep.base.task.bpe $C/04_bpe.json))
01.text = $(shell for f in $R/01_all.json $R/04_bpe.json; do \
	[ ! -e $$f ] || exec jq -r '.base.task.corpus[:8]' $$f; done)
04_bpe.vocabulary := $(if $(filter 04_bpe,$(ASKED)),$(if $(01.text),\
	$D/bpe-$(01.tokens)-$(01.text).json))
.PRECIOUS: $D/bpe-%.json $(04_bpe.vocabulary)
$D/bpe-%.json: | $(01.corpus) bin/gentask
	$(01.needed)$Qbin/gentask text --file $(CORPUS) --bpe $(01.tokens) --vocabulary $@ \
		--count 0 > /dev/null

$(foreach s,$(01.sweeps),$(call 01.runs,$s,$(runs.$s)))

# All runs of a sweep, the smallest min loss first; none without its model.
define 01.summary
.PRECIOUS: $R/$1/summary.jsonl
$R/$1/summary.jsonl: $R/01_all/.sample $(runs.$1:%=$R/$1/%.json) \
		$R/$1/runs.mk | bin/aggregate \
		$(filter %.safetensors,$(foreach r,$(runs.$1),$(call trained,$1,$r)))
	$Qbin/aggregate --top 100% --metric min_loss -o $$@ \
		$(runs.$1:%=$R/$1/%.json)
endef
$(foreach s,$(filter $(01.sweeps),$(ASKED)),$(eval $(call 01.summary,$s)))

# ---- 01_all ----------------------------------------------------------------

A := $R/01_all

$A/best.json: $A/summary.jsonl
	$Q$(01.whole) $@ jq -n input $<

# More seeds than one: what they spread.
$A/configurations.jsonl: $A/summary.jsonl | bin/aggregate
	$Qbin/aggregate --by $(01.keys) --metric min_loss --bootstrap 1000 \
		-o $@ $<

01.effects = bin/aggregate --effects $(01.keys) --interactions --metric min_loss \
	--bootstrap 10000 $A/summary.jsonl
$A/regression.json: $A/summary.jsonl $(01.scripts)/regress.sh | bin/aggregate
	$Q$(01.whole) $@ $(01.scripts)/regress.sh $(01.keys) $<
$A/regression.md: $A/summary.jsonl $(01.scripts)/regress.sh | bin/aggregate
	$Q$(01.whole) $@ $(01.scripts)/regress.sh $(01.keys) $< --markdown
$A/effects.jsonl: $A/summary.jsonl | bin/aggregate
	$Q$(01.effects) -o $@
$A/effects.md: $A/summary.jsonl | bin/aggregate
	$Q$(01.effects) --markdown -o $@

# A figure of 3 x 3 swarms; $1 folder of tables, $2 records, $3 figure, $4 title
define 01.swarm
.PRECIOUS: $1/%.tsv $(foreach k,$(01.switches) layers size,$1/$k.tsv) $3
$1/%.tsv: $2 | bin/plot-prep $1
	$Q[ -s $2 ] || { : > $$@; exit; }; bin/plot-prep swarm --x $$(if $$(filter use_%,$$*),options.)$$* \
		--y min_loss --point-width $$(if $$(filter layers,$$*),0.05,0.034) \
		-o $$@ $2
$3: $(foreach k,$(01.switches) layers size,$1/$k.tsv) \
		$(01.scripts)/swarm.gp $(01.scripts)/style.gp
	$Qruns=$$$$(wc -l < $2); \
	$(01.whole) $$@ gnuplot -e "tables='$1'; heading='$4'; \
		runs=$$$$runs; keys='$(01.switches) layers size'" $(01.scripts)/swarm.gp
endef
$(eval $(call 01.swarm,$A/swarm,$A/summary.jsonl,\
	$A/results_01_all_hyperparameters.png,What each setting does))
$(eval $(call 01.swarm,$A/below,$A/below.jsonl,\
	$A/filtered_results_01_loss_below_$(01.below).png,\
	What each setting does: runs with a loss below $(01.below)))

$A/below.jsonl: $A/summary.jsonl
	$Q$(01.whole) $@ jq -c 'select(.min_loss < $(01.below))' $<

01.results = $(runs.01_all:%=$A/%.json)
01.curve := bin/plot-prep curves --x curve.step --y curve.average
01.settled := jq -c -f $(01.scripts)/settled.jq
$A/curves.tsv: $A/summary.jsonl $(01.scripts)/settled.jq | bin/plot-prep
	$Q$(PIPE) '$(01.settled) $(01.results) | $(01.curve) \
		--series options.use_new_state'
$A/curves-best.tsv: $A/summary.jsonl $(01.scripts)/settled.jq | bin/plot-prep
	$Q$(PIPE) 'best=$$(jq -rn "input.file" $<); \
		$(01.settled) "$$best" | $(01.curve)'
$A/results_01_all.png: $A/curves.tsv $A/curves-best.tsv $(01.scripts)/curves.gp \
		$(01.scripts)/style.gp
	$Qold=$$(jq -s 'map(select(.settings.options.use_new_state | not)) \
		| length' $A/summary.jsonl); \
	$(01.whole) $@ gnuplot -e "table='$A/curves.tsv'; old=$$old; \
		best='$A/curves-best.tsv'; runs=$(words $(runs.01_all))" \
		$(01.scripts)/curves.gp

01.files := $(addprefix $A/,results_01_all.png \
	results_01_all_hyperparameters.png \
	filtered_results_01_loss_below_$(01.below).png best.json \
	configurations.jsonl regression.json regression.md effects.jsonl \
	effects.md)

.PRECIOUS: $(addprefix $A/,below.jsonl curves.tsv curves-best.tsv) \
	$(01.files) $A/heldout.jsonl

## results_01_all    system 1: 432 gated cells, trained one step at a time
results_01_all: $(01.files)
	+$Q$(MAKE) --no-print-directory stage_01_heldout
	@printf '%s\n' 'files:' $^ $A/heldout.jsonl

# The best on text held out: their list is in the summary.
ifneq ($(filter stage_01_heldout,$(GOALS)),)
runs.top := $(if $(wildcard $A/summary.jsonl),$(shell head -n $$((($$(wc -l < \
	$A/summary.jsonl) * $(HELDOUT) + 99) / 100)) $A/summary.jsonl | \
	jq -r '.file | sub(".*/"; "") | sub("\\.json$$"; "")'))
$(call 01.runs,01_all,$(filter-out $(runs.01_all),$(runs.top)))
$A/heldout.jsonl: $(runs.top:%=$A/heldout/%.json) $A/.heldout \
		$(wildcard $A/summary.jsonl)
	$Q$(01.whole) $@ jq -sc 'sort_by(.test_loss, .id)[]' $(filter %.json,$^)
$A/heldout-effects.md: $A/heldout.jsonl | bin/aggregate
	$Qbin/aggregate --effects $(01.keys) --interactions --metric \
		test_bits_per_byte --bootstrap 10000 --markdown -o $@ $<
.PRECIOUS: $A/heldout-effects.md
stage_01_heldout: $A/heldout.jsonl $(if $(filter \
	100,$(HELDOUT)),$A/heldout-effects.md)
endif

include pipelines/01_all/stages.mk
.PHONY: results_01_all stage_01_heldout
