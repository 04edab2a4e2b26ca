"""All keys together: what is on disk, the state of every key, and whether its bytes are those that were written."""
