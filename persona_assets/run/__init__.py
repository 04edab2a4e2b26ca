"""Working on keys: one key through its stages, many keys at once, how the last work on a key ended."""
