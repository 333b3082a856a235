# System 4: nets that learn to compose elements of a group, one irrep at a time.
P := $R/compose
compose.tools := bin/train bin/gentask bin/theory bin/eval bin/aggregate
# DONE=1: draw what is finished, and train nothing.
DONE =
compose.runs := $(if $(DONE),$(foreach r,$(runs.compose),$(if \
	$(wildcard $P/$r.json),$r)),$(runs.compose))
compose.of = $(foreach e,$1,$(filter $e_% $e-%,$(compose.runs)))
# Runs that write what they answer along the way, for their spectra.
compose.spectral := $(filter columns_% order_% times-% activation-% heldout_%,\
	$(runs.compose))

define compose_run
.PRECIOUS: $R/$1/$2.json $R/$1/$2.safetensors
$R/$1/$2.json $R/$1/$2.safetensors &: $R/$1/configs/$2.json $R/.contract \
		| bin/train bin/gentask $R/$1/outputs
	@echo 'train $R/$1/$2'
	$Qpipelines/run.sh $R/$1/$2 '$$^' $(LAUNCH) bin/train --quiet \
		--config $R/$1/configs/$2.json --result $R/$1/$2.json \
		--save $R/$1/$2.safetensors \
		--source 'bin/gentask --config $R/$1/configs/$2.json --serve' \
		$(if $(filter $2,$(compose.spectral)),--outputs $R/$1/outputs/$2.gz)
endef
$(call rules,compose_run,compose,$(runs.compose))

# What theory says of a run.
define compose_score
.PRECIOUS: $P/scores/$1.json
$P/scores/$1.json: $(call trained,compose,$1) pipelines/compose/score.sh \
		| bin/theory bin/train bin/gentask $P/scores $P/outputs
	$Qpipelines/whole.sh $$@ pipelines/compose/score.sh $P/$1
endef
$(foreach r,$(compose.runs),$(eval $(call compose_score,$r)))

# Nets of four elements a sequence, on sequences that were held out and on
# longer ones.
define compose_heldout
.PRECIOUS: $P/heldout/$1.json
$P/heldout/$1.json: $(filter %.safetensors,$(call trained,compose,$1)) \
		pipelines/compose/heldout.sh | bin/eval bin/gentask $P/heldout
	$(call wake,compose,$1)
	$Qpipelines/whole.sh $$@ pipelines/compose/heldout.sh $P/$1
endef
$(foreach r,$(call compose.of,heldout),$(eval $(call compose_heldout,$r)))

$P/scores $P/outputs $P/heldout:
	$Qmkdir -p $@

# All scores, a line each.
define compose_scores
.PRECIOUS: $P/scores.jsonl
$P/scores.jsonl: $(compose.runs:%=$P/scores/%.json) $P/runs.mk
	$Q$$(PIPE) 'cd $P/scores && cat $(compose.runs:%=%.json)'
endef
$(if $(filter compose,$(ASKED)),$(eval $(compose_scores)))

$P/summary.jsonl: $P/scores.jsonl | bin/aggregate
	$Q$(PIPE) 'jq -c "del(.spectra)" $< | bin/aggregate \
		--by experiment,group,len,settings.size --metric \
		loss,reached.60,reached.90,met,missed --success "done>=1"'
$P/all.jsonl: $P/scores.jsonl | bin/aggregate
	$Q$(PIPE) 'jq -c "del(.spectra)" $< | bin/aggregate \
		--by sweep --metric loss,reached.90 --success "done>=1"'

$P/heldout.jsonl: $(patsubst %,$P/heldout/%.json,$(call compose.of,heldout)) \
		$P/runs.mk
	$Q$(PIPE) 'cat $(filter %.json,$^)'

# ---- figures: a table of numbers each, then gnuplot -------------------------
compose.tables := columns activation staircase order times width onehot
$(compose.tables:%=$P/%.tsv): $P/%.tsv: $P/scores.jsonl pipelines/compose/%.jq \
		pipelines/compose/lib.jq
	$Q$(PIPE) 'jq -sr -L pipelines/compose -f pipelines/compose/$*.jq $<'
$P/heldout.tsv: $P/heldout.jsonl pipelines/compose/heldout.jq \
		pipelines/compose/lib.jq
	$Q$(PIPE) 'jq -sr -L pipelines/compose -f pipelines/compose/heldout.jq $<'
compose.figures := $(foreach f,$(compose.tables) heldout,$(if $(or \
	$(call compose.of,$f),$(if $(DONE),,1)),$P/$f.png))
$(compose.figures): $P/%.png: $P/%.tsv pipelines/compose/%.gp \
		pipelines/compose/style.gp
	$Qpipelines/whole.sh $@ gnuplot -e "table='$<'" pipelines/compose/$*.gp

$P/table.md: $P/scores.jsonl $P/summary.jsonl $P/heldout.jsonl \
		pipelines/compose/table.jq pipelines/compose/lib.jq
	$Qpipelines/whole.sh $@ jq -rn -L pipelines/compose \
		--slurpfile scores $P/scores.jsonl \
		--slurpfile summary $P/summary.jsonl \
		--slurpfile heldout $P/heldout.jsonl \
		-f pipelines/compose/table.jq

## results_compose   system 4: nets that compose, irrep by irrep (DONE=1: what is there)
results_compose: $(compose.figures) $P/table.md $P/all.jsonl
	@echo "figures: $(compose.figures)"
	@echo "table:   $P/table.md"
.PRECIOUS: $(addprefix $P/,summary.jsonl all.jsonl heldout.jsonl table.md \
	$(compose.tables:%=%.tsv) heldout.tsv) $(compose.figures)
.PHONY: results_compose
