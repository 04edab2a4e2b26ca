"""Token counts as the model sees them: its own tokenizer, its own chat template."""

import os

# transformers advises on import to install PyTorch, which counting tokens does not need.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
