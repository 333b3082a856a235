# System 3: machines learned in context.  Two sweeps: `fsm` tries two rates on
# selection seeds; from its scores comes the description of `fsm-nets`, which
# has the better rate of each arm on seeds of its own.  SIZE=paper has no search:
# there `fsm` is all of it.
fsm.stage := $(if $(wildcard $C/fsm-nets.json),fsm-nets)
fsm.last := $(or $(fsm.stage),fsm)
F := $R/$(fsm.last)
fsm.dir := pipelines/fsm
fsm.jq := jq -L $(fsm.dir)

# $1 sweep, $2 run.  Its batches come from gentask, with fresh demos each pass.
define fsm_run_rule
.PRECIOUS: $R/$1/$2.json $R/$1/$2.safetensors
$R/$1/$2.json $R/$1/$2.safetensors &: $R/$1/configs/$2.json $R/.contract \
		| bin/train bin/gentask
	@echo 'train $R/$1/$2'
	$Qpipelines/run.sh $R/$1/$2 '$$^' $(LAUNCH) bin/train --quiet \
		--config $R/$1/configs/$2.json --result $R/$1/$2.json \
		--save $R/$1/$2.safetensors \
		--source 'bin/gentask --config $R/$1/configs/$2.json --serve'
endef
$(foreach s,fsm fsm-nets,$(call rules,fsm_run_rule,$s,$(runs.$s)))

# $1 sweep, $2 run: what the net can do.
define fsm_score_rule
.PRECIOUS: $R/$1/scores/$2.json
$R/$1/scores/$2.json: $(call trained,$1,$2) $(fsm.dir)/score.sh \
		$(fsm.dir)/score.jq | bin/eval bin/gentask $R/$1/scores
	$(call wake,$1,$2)
	$Qpipelines/whole.sh $$@ $(fsm.dir)/score.sh $R/$1/$2
endef
$(foreach s,fsm fsm-nets,$(foreach r,$(runs.$s),$(eval \
	$(call fsm_score_rule,$s,$r))))

define fsm_scores
.PRECIOUS: $R/$1/scores.jsonl
$R/$1/scores.jsonl: $(runs.$1:%=$R/$1/scores/%.json) $R/$1/runs.mk
	$Q$$(PIPE) 'cd $R/$1/scores && cat $(runs.$1:%=%.json)'
endef
$(foreach s,fsm fsm-nets,$(if $(filter $s,$(ASKED)),$(eval \
	$(call fsm_scores,$s))))

$R/fsm/best.json: $R/fsm/scores.jsonl $(fsm.dir)/best.jq
	$Qpipelines/whole.sh $@ jq -s -f $(fsm.dir)/best.jq $<
$R/fsm-nets.json: $R/fsm/best.json $C/fsm.json $C/fsm-nets.json \
		$(fsm.dir)/nets.jq
	$Qpipelines/whole.sh $@ jq --slurpfile best $R/fsm/best.json \
		--slurpfile search $C/fsm.json -f $(fsm.dir)/nets.jq \
		$C/fsm-nets.json
fsm.best := $(if $(fsm.stage),$R/fsm/best.json)

# ---- the runs as the original's notebook reads them --------------------------

# $1 run
define fsm_metrics_rule
.PRECIOUS: $F/metrics/$1_metrics.json
$F/metrics/$1_metrics.json: $F/$1.json $(fsm.dir)/metrics.jq | $F/metrics
	$Qpipelines/whole.sh $$@ jq --slurpfile meta $F/$1.meta --arg name $1 \
		-f $(fsm.dir)/metrics.jq $$<
endef
$(foreach r,$(runs.$(fsm.last)),$(eval $(call fsm_metrics_rule,$r)))
fsm.metrics := $(runs.$(fsm.last):%=$F/metrics/%_metrics.json)

# ---- one net of some arms looked at while it learns; the curriculum; a net
# that is written down ------------------------------------------------------

# $1 arm, $2 seeds: its runs at the size at which all arms are compared.
fsm.of = $(foreach r,$(filter $1-0.% $1-2x256-0.%,$(runs.$(fsm.last))),$(if \
	$(foreach n,$2,$(findstring -s$n-,$r)),$r))
fsm.before := $(if $(filter paper,$(SIZE)),3x3-)
fsm.watched := $(foreach a,lstm gru leaky rnn-r2 rnn-r0,$(call \
	fsm.of,$(fsm.before)$a,1))
fsm.onward := $(foreach a,lstm rnn-r2 rnn-r0,$(call \
	fsm.of,$(fsm.before)$a,$(if $(QUICK),1,1 2 3)))
fsm.second := $(if $(QUICK),{"states":3$(comma)"demos":3},{"states":5$(comma)"actions":5$(comma)"demo":-1$(comma)"query":-1$(comma)"vary":0.2})
fsm.epochs := $(if $(QUICK),2,20)
fsm.written := $(firstword $(call fsm.of,$(fsm.before)rnn-r2,1))
fsm.updates := $(if $(QUICK),200,3000)

define fsm_watch_rule
.PRECIOUS: $F/watched/$1.json
$F/watched/$1.json: $F/$1.json $(fsm.dir)/watch.sh \
		| bin/train bin/eval bin/gentask $F/watched
	@echo 'watch $F/$1'
	$Qpipelines/whole.sh $$@ $(fsm.dir)/watch.sh $F/$1
endef
$(foreach r,$(fsm.watched),$(eval $(call fsm_watch_rule,$r)))

define fsm_onward_rule
.PRECIOUS: $F/onward/$1.json
$F/onward/$1.json: $(call trained,$(fsm.last),$1) $(fsm.dir)/onward.sh \
		| bin/train bin/eval bin/gentask $F/onward
	$(call wake,$(fsm.last),$1)
	@echo 'onward $F/$1'
	$Qpipelines/whole.sh $$@ $(fsm.dir)/onward.sh $F/$1 '$(fsm.second)' \
		$(fsm.epochs)
endef
$(foreach r,$(fsm.onward),$(eval $(call fsm_onward_rule,$r)))

$F/latches.jsonl: $(fsm.written:%=$F/configs/%.json) $(fsm.dir)/latches.sh \
		| bin/train bin/eval bin/gentask bin/latches
	@echo 'latches $F'
	$Qpipelines/whole.sh $@ $(fsm.dir)/latches.sh $F/$(fsm.written) \
		$(fsm.updates)

$F/watched.jsonl: $(fsm.watched:%=$F/watched/%.json)
	$Q$(PIPE) 'cat /dev/null $^'
$F/onward.jsonl: $(fsm.onward:%=$F/onward/%.json)
	$Q$(PIPE) 'cat /dev/null $^'
$F/metrics $F/watched $F/onward $R/fsm/scores $R/fsm-nets/scores:
	$Qmkdir -p $@

# ---- tables and figures, of each task ----------------------------------------

fsm.tasks := $(if $(QUICK),2x3,$(if $(filter paper,$(SIZE)),3x3 5x5,3x3))
fsm.common := $F/scores.jsonl $(fsm.dir)/common.jq

# $1 task, $2 what, $3 more arguments, $4 the program
define fsm_table_rule
.PRECIOUS: $F/$1-$2
$F/$1-$2: $(fsm.common) $(fsm.dir)/$4.jq
	$Qpipelines/whole.sh $$@ $(fsm.jq) -rs --arg task $1 $3 \
		-f $(fsm.dir)/$4.jq $F/scores.jsonl
endef
define fsm_figure_rule
.PRECIOUS: $F/$1-$2.png
$F/$1-$2.png: $F/$1-lines.gp $(3:%=$F/$1-%.tsv) $(fsm.dir)/$2.gp \
		$(fsm.dir)/style.gp
	$Qpipelines/whole.sh $$@ gnuplot -e "lines='$F/$1-lines.gp'; $(foreach \
		t,$3,$t='$F/$1-$t.tsv';) table='$F/$1-$(firstword $3).tsv'" \
		$(fsm.dir)/$2.gp
endef
$(foreach t,$(fsm.tasks),\
	$(eval $(call fsm_table_rule,$t,lines.gp,,lines)) \
	$(eval $(call fsm_table_rule,$t,runs.tsv,,runs)) \
	$(eval $(call fsm_table_rule,$t,survival.tsv,,survival)) \
	$(eval $(call fsm_table_rule,$t,curves.tsv,,curves)) \
	$(eval $(call fsm_table_rule,$t,times.tsv,--arg by times,pairs)) \
	$(eval $(call fsm_table_rule,$t,ago.tsv,--arg by ago,pairs)) \
	$(eval $(call fsm_figure_rule,$t,capacity,runs)) \
	$(eval $(call fsm_figure_rule,$t,depth,runs curves)) \
	$(eval $(call fsm_figure_rule,$t,spectrum,runs)) \
	$(eval $(call fsm_figure_rule,$t,jump,survival)) \
	$(eval $(call fsm_figure_rule,$t,pairs,times ago)))
fsm.kl := $F/$(firstword $(fsm.tasks))-kl
$(fsm.kl).tsv: $F/watched.jsonl $(fsm.dir)/kl.jq $(fsm.dir)/common.jq
	$Qpipelines/whole.sh $@ $(fsm.jq) -rs -f $(fsm.dir)/kl.jq $<
$(eval $(call fsm_figure_rule,$(firstword $(fsm.tasks)),kl,kl))

$F/table.md: $(fsm.common) $(fsm.best) $F/onward.jsonl $F/latches.jsonl \
		$(fsm.dir)/table.jq
	$Qpipelines/whole.sh $@ $(fsm.jq) -rs --slurpfile onward $F/onward.jsonl \
		--slurpfile latches $F/latches.jsonl $(if $(fsm.best),--slurpfile \
		best $(fsm.best),--argjson best '[]') -f $(fsm.dir)/table.jq \
		$F/scores.jsonl
$F/summary.txt: $(fsm.common) $(fsm.dir)/summary.jq
	$Qpipelines/whole.sh $@ $(fsm.jq) -rs -f $(fsm.dir)/summary.jq \
		$F/scores.jsonl

fsm.figures := $(fsm.kl).png $(foreach t,$(fsm.tasks),$(foreach \
	f,capacity depth spectrum jump pairs,$F/$t-$f.png))
fsm.all := $(fsm.figures) $F/table.md $F/summary.txt $(fsm.metrics)

## results_fsm       system 3: machines in context (also SIZE=paper, for a GPU)
ifneq ($(fsm.stage),)
results_fsm: $R/fsm-nets.json
	$(if $(DRY),@echo 'then: make results_fsm-nets',+$Q$(MAKE) \
		--no-print-directory results_fsm-nets)
else
results_fsm: $(fsm.all)
	@cat $F/summary.txt
	@echo "figures: $(fsm.figures)"
	@echo "table:   $F/table.md"
endif

begin.fsm-nets := results_fsm

## results_fsm-nets  the second half of results_fsm, once the first is there
results_fsm-nets: $(if $(fsm.stage),$(fsm.all))
	@cat $F/summary.txt
	@echo "figures: $(fsm.figures)"
	@echo "table:   $F/table.md"
.PRECIOUS: $R/fsm/best.json $R/fsm-nets.json $(addprefix $F/,latches.jsonl \
	watched.jsonl onward.jsonl table.md summary.txt) $(fsm.kl).tsv
.PHONY: results_fsm results_fsm-nets
