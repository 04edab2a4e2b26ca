"""A workspace in a notebook: read only, without the raw root, without Dagster and without settings."""
