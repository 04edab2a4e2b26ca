"""raw_conversations: read the raw files strictly and account for every line."""
