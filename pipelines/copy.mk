# System 5: four cells on the copy task, as the original ran them.
copy.known := lstm mlstm gru mgru
copy.data = $D/copy/T$($1.task.len)
copy.lens := $(call values,copy,task.len)
copy.cells := $(filter $(call values,copy,cell),$(copy.known)) \
	$(filter-out $(copy.known),$(call values,copy,cell))
copy.models := $(strip $(patsubst lstm,LSTM,$(patsubst mlstm,mLSTM,$(patsubst gru,GRU,\
	$(patsubst mgru,mGRU,$(copy.cells))))))
$(call rules,run_rule,copy,$(runs.copy))

# Each model is tested at a greater length too.
copy.plus := $(if $(QUICK),5,100)
copy.longer = $(shell echo $$(($1 + $(copy.plus))))
copy.tests := $(sort $(copy.lens) $(foreach t,$(copy.lens),$(call copy.longer,$t)))

# Sequences of the stored sets: batches of $1 rows, $2 of them.
copy.train := $(if $(QUICK),--batch 1000 --count 2,--batch 1000 --count 8)
copy.held := $(if $(QUICK),--batch 200 --count 1,--batch 1000 --count 1)

$(copy.lens:%=$D/copy/T%-train.gz): $D/copy/T%-train.gz: | bin/gentask $D/copy
	$Qbin/gentask copy --len $* --split train $(copy.train) --output $@
$(copy.lens:%=$D/copy/T%-val.gz): $D/copy/T%-val.gz: | bin/gentask $D/copy
	$Qbin/gentask copy --len $* --split val $(copy.held) --output $@
$(copy.tests:%=$D/copy/T%-test.gz): $D/copy/T%-test.gz: | bin/gentask $D/copy
	$Qbin/gentask copy --len $* --split test $(copy.held) --output $@
.PRECIOUS: $(foreach s,train val,$(copy.lens:%=$D/copy/T%-$s.gz)) \
	$(copy.tests:%=$D/copy/T%-test.gz)
$D/copy $R/copy/longer:
	$Qmkdir -p $@

# The same models, tested at T + $(copy.plus).
define copy.longer_rule
.PRECIOUS: $R/copy/longer/$1.json
$R/copy/longer/$1.json: $(filter %.safetensors,$(call trained,copy,$1)) \
		$D/copy/T$(call copy.longer,$($1.task.len))-test.gz \
		| bin/eval $R/copy/longer
	$(call wake,copy,$1)
	$Qbin/eval --output $$@ $R/copy/$1.safetensors \
		$D/copy/T$(call copy.longer,$($1.task.len))-test.gz
endef
$(foreach r,$(runs.copy),$(eval $(call copy.longer_rule,$r)))

copy.results := $(runs.copy:%=$R/copy/%.json)
$R/copy/summary.jsonl: $(copy.results) $R/copy/runs.mk | bin/aggregate
	$Qbin/aggregate --by cell,task.len --meta --metric \
		test_accuracy,meta.seconds,best_epoch,val_loss,train_loss \
		-o $@ $(copy.results)

copy.longers := $(runs.copy:%=$R/copy/longer/%.json)
$R/copy/longer.jsonl: $(copy.longers) $R/copy/runs.mk | bin/aggregate
	$Qbin/aggregate --by cell,settings.task.len --metric accuracy \
		-o $@ $(copy.longers)

$R/copy/table.md: $R/copy/summary.jsonl $R/copy/longer.jsonl \
		pipelines/copy/table.jq
	$Qpipelines/whole.sh $@ jq -rn -f pipelines/copy/table.jq \
		--argjson plus $(copy.plus) --slurpfile s $R/copy/summary.jsonl \
		--slurpfile l $R/copy/longer.jsonl

# One figure: its table of numbers, then gnuplot.  The runs of each model at
# each length, at least, for its intervals:
copy.n = $$(jq -s 'map(.n) | min' $R/copy/summary.jsonl)
copy.lines := accuracy:test_accuracy seconds:meta.seconds epochs:best_epoch
define copy.figure_rule
.PRECIOUS: $R/copy/$1.tsv $R/copy/$1.png
$R/copy/$1.tsv: $R/copy/summary.jsonl | bin/plot-prep
	$Qbin/plot-prep lines --x task.len --y $2 --series cell \
		--order '$(call commas,$(copy.cells))' -o $$@ $$<
$R/copy/$1.png: $R/copy/$1.tsv pipelines/copy/$1.gp pipelines/copy/style.gp
	$Qpipelines/whole.sh $$@ gnuplot -e "table='$$<'; \
		models='$(copy.models)'; lens='$(copy.lens)'; \
		n=$$(copy.n)" pipelines/copy/$1.gp
endef
$(foreach f,$(copy.lines),$(eval \
	$(call copy.figure_rule,$(firstword $(subst :, ,$f)),$(lastword $(subst :, ,$f)))))

copy.longest := $(lastword $(shell printf '%s\n' $(copy.lens) | sort -n))
$R/copy/longest.tsv: $R/copy/summary.jsonl | bin/plot-prep
	$Qbin/plot-prep bars --x cell --y test_accuracy --order '$(call commas,$(copy.cells))' \
		--where task.len=$(copy.longest) -o $@ $<
$R/copy/longest.png: $R/copy/longest.tsv pipelines/copy/longest.gp \
		pipelines/copy/style.gp
	$Qpipelines/whole.sh $@ gnuplot -e "table='$<'; \
		models='$(copy.models)'; len='$(copy.longest)'; n=$(copy.n)" \
		pipelines/copy/longest.gp

.PRECIOUS: $(addprefix $R/copy/,summary.jsonl longer.jsonl table.md \
	longest.tsv longest.png)

copy.figures := $(patsubst %,$R/copy/%.png,accuracy seconds epochs longest)

## results_copy      system 5: four cells, four lengths, three trials
results_copy: $(copy.figures) $R/copy/table.md
	@echo "figures: $(copy.figures)"
	@echo "table:   $R/copy/table.md"
.PHONY: results_copy
