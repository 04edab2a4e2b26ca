"""token_stats: tokens of every conversation, and the statistics of the dataset and its variants."""
