"""Everything Dagster: partitions, assets, jobs. The stages themselves know nothing of it."""
