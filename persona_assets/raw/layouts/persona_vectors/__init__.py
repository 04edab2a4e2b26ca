"""The layout of persona_vectors: two CSV files for each trait, with prompts as the chat template rendered them."""
