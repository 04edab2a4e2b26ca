"""conversation_signs: what each conversation says of itself, one row per row of the dataset."""
