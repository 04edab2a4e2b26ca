"""The sample tokenizer, with a chat template of the test's own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import Settings
from persona_assets.tokens import counting
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer

MakeModel = Callable[..., ModelTokenizer]


@pytest.fixture
def make_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeModel:
    """Load the sample tokenizer with its two files changed; nothing of it has been verified before."""
    monkeypatch.setattr(counting, "_track_records", {})
    made = 0

    def make(template: str | None = None, **changes: Any) -> ModelTokenizer:
        nonlocal made
        made += 1
        folder = tmp_path / f"changed-{made}"
        shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder)
        configuration = {} if template is None else {"chat_template": template}
        for name, changed in (("tokenizer.json", changes), ("tokenizer_config.json", configuration)):
            record = json.loads((folder / name).read_text(encoding="utf-8"))
            (folder / name).write_text(json.dumps(record | changed), encoding="utf-8")
        settings = Settings(workspace=tmp_path, models={"any": f"someone/{folder.name}"}, tokenizers=tmp_path)
        return load_tokenizer("any", settings)

    return make
