"""Figures of token statistics and their pictures, made without pyplot, whose global state leaks memory."""
