"""The six stages of a key, each a plain function of a ``KeyWork``. Nothing here knows Dagster or the checks."""
