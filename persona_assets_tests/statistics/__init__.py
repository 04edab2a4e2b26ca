"""Tests of the statistics of token counts."""
