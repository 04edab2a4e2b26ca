"""Pairs and datasets as the files that libraries for steering vectors and activations read."""
