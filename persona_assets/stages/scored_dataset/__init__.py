"""scored_dataset: the conversations with the scores of the judge, as a Hugging Face dataset folder."""
