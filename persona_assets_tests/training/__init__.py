"""Training sets: pure parts, the sets of a small corpus recomputed, and the command."""
