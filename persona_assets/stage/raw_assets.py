"""What the asset graph calls the raw files, which no stage makes."""

RESPONSES = "raw_responses"
"""The files of conversations."""
SCORES = "raw_scores"
"""The files of the judge."""
