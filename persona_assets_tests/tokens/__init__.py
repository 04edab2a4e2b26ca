"""Tests of token counting: the text templates make, its tokens, and the proof of both on the spot."""
