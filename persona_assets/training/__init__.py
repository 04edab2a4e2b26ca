"""Training sets: which rows are taken, what becomes of the persona's instruction, and in which format they are written."""
