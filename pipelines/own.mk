# A sweep of one's own: make SPEC=mine.json sweep.  docs/sweeps.md has the
# description's format; its data are the files that it names, or a task's.
#
# BY: what the table groups by; METRIC: what it shows.
BY = $(or $(shell jq -r '[.grid // {}, (.experiments // [] | .[].grid // {}) \
	| keys_unsorted[]] | map(select(. != "seed")) | unique | join("$(comma)")' \
	$(SPEC)),cell)
METRIC = $(if $(own.test),test_loss$(comma)test_accuracy,$(if \
	$(own.val),val_loss$(comma)val_accuracy,loss$(comma)accuracy))

# $1 sweep, $2 run
define own.rule
.PRECIOUS: $R/$1/$2.json $R/$1/$2.safetensors
$R/$1/$2.json $R/$1/$2.safetensors &: $R/$1/configs/$2.json $(own.files) \
		$R/.contract | bin/train bin/gentask
	@echo 'train $R/$1/$2'
	$Qpipelines/run.sh $R/$1/$2 '$$^' $(LAUNCH) $(TRAIN) \
		--config $R/$1/configs/$2.json --result $R/$1/$2.json \
		--save $R/$1/$2.safetensors $(own.val:%=--val %) \
		$(own.test:%=--test %) $(or $(own.train),--source 'bin/gentask \
		--config $R/$1/configs/$2.json --serve')
endef
$(if $(own),$(call rules,own.rule,$(own),$(runs.$(own))))

define own.table
.PRECIOUS: $R/$1/summary.jsonl $R/$1/table.md
$R/$1/summary.jsonl: $(runs.$1:%=$R/$1/%.json) $R/$1/runs.mk | bin/aggregate
	$Qbin/aggregate --by '$(BY)' --metric '$(METRIC)' -o $$@ \
		$(runs.$1:%=$R/$1/%.json)
$R/$1/table.md: $R/$1/summary.jsonl
	$Qbin/aggregate --by '$(BY)' --metric '$(METRIC)' --markdown -o $$@ \
		$(runs.$1:%=$R/$1/%.json)
endef
$(if $(filter sweep,$(GOALS)),$(eval $(call own.table,$(own))))

## sweep             SPEC=FILE: your own sweep, its table in results/NAME
sweep: $(if $(own),$R/$(own)/table.md)
	@$(if $(own),cat $<,echo 'which? make SPEC=mine.json sweep \
		(docs/sweeps.md)'; exit 2)
.PHONY: sweep
