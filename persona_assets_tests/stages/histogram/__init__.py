"""Tests of the histogram stage."""
