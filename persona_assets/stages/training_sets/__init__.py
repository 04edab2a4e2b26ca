"""training_sets: chosen rows in the format of a trainer, in splits that share no question."""
