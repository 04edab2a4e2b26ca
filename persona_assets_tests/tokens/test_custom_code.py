"""A tokenizer's folder that brings Python code is refused; nobody is asked, and nothing of it is run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import Settings
from persona_assets.tokens.loading import load_tokenizer

CODE = """\
from pathlib import Path
from transformers import PreTrainedTokenizerFast

Path({trace!r}).touch()


class Custom(PreTrainedTokenizerFast):
    pass
"""
LOAD = """\
import sys
from pathlib import Path
from persona_assets.errors import TokenizerError
from persona_assets.settings import Settings
from persona_assets.tokens.loading import load_tokenizer

folder = Path(sys.argv[1])
settings = Settings(workspace=folder, models={"any": f"someone/{folder.name}"}, tokenizers=folder.parent)
try:
    load_tokenizer("any", settings)
    print("loaded")
except TokenizerError as error:
    print(error)
"""
AUTO_MAPS = {
    "tokenizer_config.json": {"AutoTokenizer": [None, "custom.Custom"]},
    "config.json": {"AutoConfig": "custom.Custom", "AutoTokenizer": [None, "custom.Custom"]},
}


@pytest.mark.parametrize("file", AUTO_MAPS)
def test_code_in_a_tokenizers_folder_is_never_run_though_standard_input_says_yes(tmp_path: Path, file: str) -> None:
    folder, trace = tmp_path / "tokenizer", tmp_path / "trace"
    shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder)
    (folder / "custom.py").write_text(CODE.format(trace=str(trace)), encoding="utf-8")
    path = folder / file
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"model_type": "custom"}
    if file == "tokenizer_config.json":
        record["tokenizer_class"] = "Custom"
    path.write_text(json.dumps(record | {"auto_map": AUTO_MAPS[file]}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        input="y\n" * 5,
        env=os.environ | {"HF_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not trace.exists()
    assert f"tokenizer someone/tokenizer in {folder} wants to run code of its own (auto_map in {file})" in done.stdout
    assert "[y/N]" not in done.stdout + done.stderr


def test_code_of_the_model_alone_does_not_keep_its_tokenizer_from_counting(tmp_path: Path) -> None:
    folder = tmp_path / "tokenizer"
    shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder)
    configuration = {"model_type": "custom", "auto_map": {"AutoModelForCausalLM": "custom.Custom"}}
    (folder / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    settings = Settings(workspace=tmp_path, models={"any": f"someone/{folder.name}"}, tokenizers=tmp_path)
    assert load_tokenizer("any", settings).identity.source == "folder"
