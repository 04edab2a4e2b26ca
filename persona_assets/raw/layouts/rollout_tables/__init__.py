"""The layout of rollout tables: prompts, responses and evaluations as Parquet files."""
