"""filtered_variants: datasets of the rows that pass a minimum score, a label, or both."""
