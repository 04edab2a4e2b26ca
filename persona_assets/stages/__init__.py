"""The stages of a key, a folder each. ``registry`` lists them. Nothing here imports Dagster."""
