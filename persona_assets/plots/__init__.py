"""Figures of token statistics, made without pyplot, whose global state leaks memory, and their pictures."""
