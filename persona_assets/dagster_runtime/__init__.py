"""Dagster's instance, event log and runs, as this package needs them. Nothing here defines an asset."""
