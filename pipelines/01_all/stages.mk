# The sweeps that come out of 01_all's summary.  `make results_X` sees to the
# summary, derives the description, and calls make again with its list.
02.dir := $R/02_best
01.stages := 02_best 03_bptt 04_bpe

# Bytes that a symbol stands for.
01.vocabulary = $D/bpe-$(01.tokens)-$(01.text).json
02_best.ratio = 1
03_bptt.ratio = 1
04_bpe.ratio = $$(bin/gentask text --file $(CORPUS) --bpe $(01.tokens) \
	--vocabulary $(01.vocabulary) --count 0 | head -1 | \
	jq .about.bytes_per_symbol.train)

# $R/X.json stays as it is when the same cells win, so that nothing more is
# listed anew; .derived.json has their parents too.
define 01.derive
.PRECIOUS: $R/$1.derived.json $R/$1.json $R/$1/heldout.jsonl
$R/$1.derived.json: $A/summary.jsonl $C/$1.json $(01.scripts)/best.jq \
		| bin/gentask
	$Qratio=$$($1.ratio); plan=$$$$(cat $C/$1.json); \
	$(01.whole) $$@ jq -s --argjson seeds $(SEEDS) \
		--argjson plan "$$$$plan" --argjson ratio "$$$$ratio" -f $(01.scripts)/best.jq $$<
$R/$1.json: $R/$1.derived.json
	$Qjq .sweep $$< | cmp -s - $$@ || $(01.whole) $$@ jq .sweep $$<
results_$1: $R/$1.json
	+$Q$(MAKE) --no-print-directory stage_$1
$R/$1/heldout.jsonl: $(runs.$1:%=$R/$1/heldout/%.json) $R/$1/runs.mk
	$Q$(01.whole) $$@ jq -sc 'sort_by(.test_loss, .id)[]' \
		$(runs.$1:%=$R/$1/heldout/%.json)
.PHONY: results_$1 stage_$1
endef
$(foreach s,$(01.stages),$(eval $(call 01.derive,$s)))

# ---- 02_best ---------------------------------------------------------------

# Ranked, with the ids of the parents and what held-out text says.
$(02.dir)/best.jsonl: $(02.dir)/summary.jsonl $(02.dir)/heldout.jsonl $R/02_best.derived.json \
		$(01.scripts)/parents.jq
	$Q$(01.whole) $@ jq -c --slurpfile derived $R/02_best.derived.json \
		--slurpfile heldout $(02.dir)/heldout.jsonl \
		-f $(01.scripts)/parents.jq $<

$(02.dir)/curves.tsv: $(02.dir)/summary.jsonl $(01.scripts)/label.jq $(01.scripts)/settled.jq \
		| bin/plot-prep
	$Q$(01.settled) $(runs.02_best:%=$(02.dir)/%.json) | jq -c -f $(01.scripts)/label.jq | \
		bin/plot-prep curves --x curve.step --y curve.average \
		--series label --smooth 6 -o $@
$(02.dir)/results_02_big.png: $(02.dir)/curves.tsv $(01.scripts)/big.gp $(01.scripts)/style.gp
	$Q$(01.whole) $@ gnuplot -e "table='$<'; named=25" $(01.scripts)/big.gp
$(eval $(call 01.swarm,$(02.dir)/swarm,$(02.dir)/summary.jsonl,\
	$(02.dir)/results_02_big_hyperparameters.png,What each setting does among the best))

.PRECIOUS: $(addprefix $(02.dir)/,best.jsonl curves.tsv results_02_big.png)

## results_02_best   the best tenth of 01_all, wider, deeper, longer
stage_02_best: $(02.dir)/results_02_big.png $(02.dir)/results_02_big_hyperparameters.png \
		$(02.dir)/best.jsonl
	@pipelines/status.sh $R 02_best
	@printf '%s\n' 'files:' $^

# ---- 03_bptt and 04_bpe ----------------------------------------------------

define 01.bptt
.PRECIOUS: $(addprefix $R/$1/,entropies.jsonl summary.json table.md lines.tsv \
	entropies.tsv bptt.png)
$R/$1/entropies.jsonl: $R/01_all.json | bin/gentask $(01.corpus) $($1.vocabulary)
	$$(01.needed)$Qbin/gentask text --file $(CORPUS) $($1.vocabulary:%=--bpe \
		$(01.tokens) --vocabulary %) --entropy 5 -o $$@
$R/$1/summary.json: $R/$1/heldout.jsonl $R/$1/entropies.jsonl \
		$(01.scripts)/bptt.jq
	$Q$(01.whole) $$@ jq -n --slurpfile runs $R/$1/heldout.jsonl \
		--slurpfile entropies $R/$1/entropies.jsonl \
		-f $(01.scripts)/bptt.jq
$R/$1/table.md: $R/$1/summary.json $(01.scripts)/bptt-table.jq
	$Q$(01.whole) $$@ jq -r -f $(01.scripts)/bptt-table.jq $$<
$R/$1/lines.tsv: $R/$1/summary.json $(01.scripts)/bptt-lines.jq
	$Q$(01.whole) $$@ jq -r -f $(01.scripts)/bptt-lines.jq $$<
$R/$1/entropies.tsv: $R/$1/entropies.jsonl
	$Q$(01.whole) $$@ jq -r '[.order, .test_bits] | @tsv' $$<
$R/$1/bptt.png: $R/$1/lines.tsv $R/$1/entropies.tsv $(01.scripts)/bptt.gp \
		$(01.scripts)/style.gp
	$Q$(01.whole) $$@ gnuplot -e "table='$R/$1/lines.tsv'; heading='$2'; \
		entropies='$R/$1/entropies.tsv'" $(01.scripts)/bptt.gp
stage_$1: $R/$1/bptt.png $R/$1/table.md $R/$1/summary.json
	@cat $R/$1/table.md
	@printf '%s\n' 'files:' $$^
endef
## results_03_bptt   the best cells with the gradient through k steps
$(eval $(call 01.bptt,03_bptt,One step or more: bytes))
## results_04_bpe    the same on byte-pair tokens
$(eval $(call 01.bptt,04_bpe,One step or more: byte-pair tokens))

results_all: $(01.stages:%=results_%)
