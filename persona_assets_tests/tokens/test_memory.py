"""A process that goes from model to model holds one tokenizer at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets_tests.raw_corpus import GEMMA, LLAMA, QWEN

pytestmark = pytest.mark.campaign

LIMIT_MIB = 700
PROGRAM = """
import sys
from pathlib import Path
import persona_assets.definitions  # all that a worker process has imported, and more
from persona_assets.settings import Settings
from persona_assets.tokens.counting import count_tokens
from persona_assets.tokens.loading import load_tokenizer

turns = [{"role": "user", "content": "What is a good life? " * 20}, {"role": "assistant", "content": "So. " * 600}]
for model in sys.argv[2:] * 2:
    count_tokens(load_tokenizer(model, Settings(tokenizers=Path(sys.argv[1]))), [turns] * 2400)
    status = Path("/proc/self/status").read_text().splitlines()
    print(max(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_counts_for_all_models_twice_stays_under_700_mib(real_tokenizers: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(real_tokenizers), GEMMA, LLAMA, QWEN]
    peaks = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert len(peaks) == 6
    assert int(peaks[-1]) < LIMIT_MIB
