"""All keys together: what is on disk, how each key stands, whether its bytes are those that were written."""
