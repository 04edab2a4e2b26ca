"""Working on keys: one key through its stages, many keys at once, and the last outcome of each key."""
