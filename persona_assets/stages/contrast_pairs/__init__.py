"""contrast_pairs: which rows answer the same question with the persona and against it, or without it."""
