"""The assets in their order, written down apart from the package under test."""

STAGES = (
    "raw_conversations",
    "scored_dataset",
    "filtered_variants",
    "parquet_export",
    "token_stats",
    "histogram",
    "conversation_signs",
    "contrast_pairs",
)
"""Those of every key."""
OF_SETS = ("training_sets",)
"""Those of other partitions."""
