# A result as the original's notebook reads it (its file
# {experiment}_{time}_metrics.json).  Input: a result; $meta: its side file, in
# a list; $name: the run's.
. as $r | .settings as $s
| ($s.cell | split(",")[0]) as $cell
| {experiment: ($name | sub("-s[0-9]+-[0-9a-f]+$"; "")),
   timestamp: $meta[0].finished,
   model_config: ({
       architecture: ({"rnn-start": "vanilla_rnn", "lstm-orthogonal": "lstm",
                       "gru-torch": "gru"}[$cell] // $cell),
       d_model: $s.size, num_layers: $s.layers,
       dropout: ($s.options.p // 0.1)}
     + (if $cell == "gru-torch" then {bidirectional: false}
        elif $cell == "rnn-start" then
            {activation: (if $s.options.relu then "relu" else "tanh" end)}
        else {} end)
     + {vocab_size: 21,
        num_states: (if ($s.task.classes // 0) > 0 then $s.task.classes
                     else [5, $s.task.states] | max end),
        parameter_count: $r.parameters}),
   training_config: {batch_size: $s.batch, learning_rate: $s.lr,
                     num_epochs: $r.epochs, max_seq_len: $s.task.window},
   training_history: {train_losses: .validations.train_loss,
                      val_losses: .validations.val_loss,
                      train_accs: .validations.train_accuracy,
                      val_accs: .validations.val_accuracy},
   final_results: {val_accuracy, test_accuracy, val_loss, test_loss}}
