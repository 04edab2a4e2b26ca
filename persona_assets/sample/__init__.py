"""A small synthetic corpus and tokenizer, so that the whole main job can be seen without any download."""

from pathlib import Path

SAMPLE_TOKENIZER = "persona-assets/sample-tokenizer"
SAMPLE_TOKENIZER_FOLDER = Path(__file__).parent / "tokenizer"
