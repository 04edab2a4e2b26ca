"""Dagster's instance, event log and runs, as this package needs them. No asset is defined here."""
