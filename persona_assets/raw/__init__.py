"""The raw corpus as it is on disk: discovery, strict reading, judge scores. No Dagster, no output."""
