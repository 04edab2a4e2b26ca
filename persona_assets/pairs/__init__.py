"""Contrastive pairs: two answers to the same question, one with the persona and one against it or without it."""
