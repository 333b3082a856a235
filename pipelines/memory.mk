# System 2: what tiny nets remember.  Two sweeps: `memory` has the original
# learning rule and a search for a better one; from its results comes the
# description of `memory-nets`, which trains nets of every size by that rule.
M := $R/memory
T := $R/memory-nets
memory.tasks := charprint charcount grid tictac grammar
memory.tools := bin/train bin/eval bin/gentask bin/aggregate bin/plot-prep

# $1 sweep, $2 runs that differ in seed or rate alone, on the same endless
# text: trained side by side.
define memory_fleet
.PRECIOUS: $(2:%=$R/$1/%.json) $(2:%=$R/$1/%.safetensors)
$(2:%=$R/$1/%.json) $(2:%=$R/$1/%.safetensors) &: \
		$(2:%=$R/$1/configs/%.json) $R/.contract | bin/train bin/gentask
	@echo 'train $R/$1/$(firstword $2)$(if $(word 2,$2), and \
		$(words $(wordlist 2,99,$2)) like it)'
	$Qpipelines/fleet.sh $R/$1 '$2' '$$^' $(LAUNCH) $(TRAIN) \
		--source 'bin/gentask --config \
		$R/$1/configs/$(firstword $2).json --serve'
endef
memory_groups = $(if $(runs.$1),$(shell awk -f pipelines/memory/groups.awk \
	$R/$1/runs.mk))
memory_apart = $(filter-out $(foreach r,$2,$(if $(call \
	restored,$1,$r),$r)),$2)
memory_train = $(if $2,$(eval $(call memory_fleet,$1,$2)))
$(foreach s,memory memory-nets,$(foreach g,$(call memory_groups,$s),\
	$(call memory_train,$s,$(call memory_apart,$s,$(subst $(comma), ,$g)))))
$(foreach s,memory memory-nets,$(foreach r,$(runs.$s),$(if \
	$(call restored,$s,$r),$(eval $(call restored_rule,$s,$r)))))

# $1 sweep, $2 run: what the net can do.
define memory_rule
.PRECIOUS: $R/$1/scores/$2.json
$R/$1/scores/$2.json: $(call trained,$1,$2) pipelines/memory/score.sh \
		| bin/eval bin/gentask $R/$1/scores
	$(call wake,$1,$2)
	$Qpipelines/whole.sh $$@ pipelines/memory/score.sh $R/$1/$2
endef
$(foreach s,memory memory-nets,$(foreach r,$(runs.$s),\
	$(eval $(call memory_rule,$s,$r))))

$M/scores $T/scores:
	$Qmkdir -p $@

# All scores of a sweep, a line each.
define memory_scores
.PRECIOUS: $R/$1/scores.jsonl
$R/$1/scores.jsonl: $(runs.$1:%=$R/$1/scores/%.json) $R/$1/runs.mk
	$Q$$(PIPE) 'cd $R/$1/scores && cat $(runs.$1:%=%.json)'
endef
$(foreach s,memory memory-nets,$(if $(filter $s,$(ASKED)),\
	$(eval $(call memory_scores,$s))))

memory.metrics := accuracy,greedy,legal,loss,excess,sigmas,units_legal,floor

$M/rules.jsonl: $M/scores.jsonl | bin/aggregate
	$Qbin/aggregate --by task_name,optimizer,lr,schedule,bptt --metric \
		$(memory.metrics) --where experiment=rule --success 'solved>=1' \
		-o $@ $<

$M/original.jsonl: $M/scores.jsonl | bin/aggregate
	$Qbin/aggregate --by experiment,task_name,cells,size --metric \
		$(memory.metrics) --where experiment=original \
		--success 'solved>=1' -o $@ $<

$M/best.json: $M/rules.jsonl pipelines/memory/best.jq
	$Qpipelines/whole.sh $@ jq -s -f pipelines/memory/best.jq $<

$R/memory-nets.json: $M/best.json $C/memory-nets.json pipelines/memory/nets.jq
	$Qpipelines/whole.sh $@ jq --slurpfile best $M/best.json \
		-f pipelines/memory/nets.jq $C/memory-nets.json

## results_memory    system 2: five tasks, tiny nets, what their units became
results_memory: $M/original.jsonl $R/memory-nets.json
	$(if $(DRY),@echo 'then: make results_memory-nets',+$Q$(MAKE) \
		--no-print-directory results_memory-nets)

begin.memory-nets := results_memory

# ---- the second sweep ------------------------------------------------------

$T/summary.jsonl: $T/scores.jsonl | bin/aggregate
	$Qbin/aggregate --by experiment,task_name,cells,size --metric \
		$(memory.metrics) --success 'solved>=1' -o $@ $<

$T/greedy.jsonl: $T/scores.jsonl $M/scores.jsonl | bin/aggregate
	$Q$(PIPE) 'jq -c "select(.experiment != \"rule\")" $^ | \
		bin/aggregate --by experiment,task_name,cells,size \
		--metric greedy --success "greedy_right>=1"'

# The best net of each task and size, for the pictures: NAME by "grid-10".
$T/picks.json: $T/scores.jsonl pipelines/memory/picks.jq
	$Qpipelines/whole.sh $@ jq -s -f pipelines/memory/picks.jq $<

# What the units of nets for boards of all sizes mean.
memory.boards = $(filter boards%,$(runs.memory-nets)) \
	$(filter $(foreach k,10 18,sizes-grid-$k-s1-% sizes-grid-$k-s2-% \
	sizes-grid-$k-s3-% sizes-grid-$k-s4-% sizes-grid-$k-s5-%),\
	$(runs.memory-nets))
define special_rule
.PRECIOUS: $T/special/$1.json
$T/special/$1.json: $(filter %.safetensors,$(call trained,memory-nets,$1)) \
		| bin/eval bin/gentask $T/special
	$(call wake,memory-nets,$1)
	$Q$$(PIPE) 'bin/gentask --config $T/configs/$1.json --split test \
		--batch 8 --count 2 | bin/eval --specialise $T/$1.safetensors | \
		jq -c "del(.pairs)"'
endef
$(foreach r,$(memory.boards),$(eval $(call special_rule,$r)))
$T/special $T/pictures:
	$Qmkdir -p $@

$T/special.jsonl: $(memory.boards:%=$T/special/%.json) $T/runs.mk \
		$T/scores.jsonl pipelines/memory/special.jq
	$Q$(PIPE) 'for r in $(memory.boards); do \
		jq -c --slurpfile s $T/scores/$$r.json \
		-f pipelines/memory/special.jq $T/special/$$r.json; \
	done'

$T/boards.jsonl: $T/special.jsonl | bin/aggregate
	$Qbin/aggregate --by cells,wide --metric \
		mean,whole,least,sharp_share,accuracy,by_counting \
		-o $@ $<

# Pictures: each is drawn from tables that pictures.sh makes with eval and
# plot-prep from the nets of picks.json, of which these are looked at.
memory.shown := charprint-2 grid-5 grid-10 tictac-30 grammar-3 grammar-4
memory.picked := jq -r -f pipelines/memory/picked.jq $T/picks.json \
	--args $(memory.shown)
memory.pictures := $(foreach p,printing grid tictac grammar probabilities weights units,\
	$T/pictures/$p.png)
$(memory.pictures): $T/pictures/%.png: $T/picks.json pipelines/memory/pictures.sh \
		pipelines/memory/heat.gp | $(memory.tools) $T/pictures
	+$Qfor net in $$($(memory.picked)); do \
		[ -e $T/$$net.safetensors ] || $(MAKE) --no-print-directory \
			$T/$$net.safetensors; \
	done
	$Qpipelines/memory/pictures.sh $* $T

memory.curves := $T/success.png $T/boards.png $T/rules.png
$T/success.tsv: $T/summary.jsonl pipelines/memory/success.jq
	$Qpipelines/whole.sh $@ jq -rs -f pipelines/memory/success.jq $<
$T/boards.tsv: $T/boards.jsonl | bin/plot-prep
	$Q$(PIPE) 'bin/plot-prep lines --x cells --y mean --series wide $<; \
		printf "\n\n"; \
		bin/plot-prep lines --x cells --y by_counting --series wide $<'
$T/rules.tsv: $T/scores.jsonl $M/scores.jsonl pipelines/memory/rules.jq \
		pipelines/memory/shift.awk | bin/plot-prep
	$Q$(PIPE) 'jq -c -f pipelines/memory/rules.jq $M/scores.jsonl $T/scores.jsonl | \
		bin/plot-prep swarm --x place --y accuracy | \
		awk -f pipelines/memory/shift.awk'
$(memory.curves): $T/%.png: $T/%.tsv pipelines/memory/%.gp
	$Qpipelines/whole.sh $@ gnuplot -e "table='$<'" pipelines/memory/$*.gp

$T/table.md: $T/summary.jsonl $M/original.jsonl $T/greedy.jsonl $M/rules.jsonl \
		$M/best.json $T/boards.jsonl pipelines/memory/table.jq
	$Qpipelines/whole.sh $@ jq -rn --slurpfile nets $T/summary.jsonl \
		--slurpfile original $M/original.jsonl \
		--slurpfile greedy $T/greedy.jsonl --slurpfile rules $M/rules.jsonl \
		--slurpfile best $M/best.json --slurpfile boards $T/boards.jsonl \
		-f pipelines/memory/table.jq

## results_memory-nets  the second half of results_memory, once the first is there
results_memory-nets: $T/table.md $(memory.curves) $(memory.pictures)
	@echo "figures: $(memory.curves) $(memory.pictures)"
	@echo "table:   $T/table.md"
.PRECIOUS: $(addprefix $M/,rules.jsonl original.jsonl best.json) \
	$R/memory-nets.json $(addprefix $T/,summary.jsonl greedy.jsonl \
	picks.json special.jsonl boards.jsonl success.tsv boards.tsv rules.tsv \
	table.md) $(memory.curves) $(memory.pictures)
.PHONY: results_memory results_memory-nets
