"""Token counts with the tokenizer and the chat template of each model."""

import os

# On import, transformers recommends PyTorch, which is not needed to count tokens.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
