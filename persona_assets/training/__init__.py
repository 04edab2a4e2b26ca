"""Training sets: which rows are taken, what becomes of the persona's instruction, and how they are written."""
