"""Which stage, and which check, takes which share of the CPU time that a worker spends on a key.

    python benchmarks/stage_shares.py RAW_ROOT

makes every key of a raw root, in a workspace of its own. ``pipeline.py`` ends with the same for 13 keys.
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.run import key_run, one_key
from persona_assets.settings import Settings, load_settings
from persona_assets.stage import recording

Function = Callable[..., Any]
Name = Callable[..., str]


@dataclass
class Stopwatch:
    """CPU seconds by name, while it runs."""

    runs: bool = False
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timing(self, name_of: Name, function: Function) -> Function:
        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                if self.runs:
                    self.seconds[name_of(*arguments)] += time.process_time() - start

        return timed


def print_stage_shares(settings: Settings) -> None:
    """Materialise every key in this process, twice: the first time loads what is loaded once."""
    watch = Stopwatch()
    recording.make_stage = watch.timing(lambda stage, *_: stage.name, recording.make_stage)
    key_run.check_stage = watch.timing(lambda stage, *_: f"{stage.name} checked", key_run.check_stage)
    materialise = watch.timing(lambda *_: "all", one_key.materialise_key)
    keys = discover(RawCorpus.of(settings)).keys
    for key in keys:
        for watch.runs in (False, True):
            outcome = materialise(key, settings, variants=settings.variants_of(key.kind), redo=True)
            assert outcome.failure is None, outcome.failure
    total = watch.seconds.pop("all")
    watch.seconds["locks, records, the rest"] = total - sum(watch.seconds.values())
    print(f"\n{'':28}{'ms/key':>8}{'share':>8}")
    for name, seconds in watch.seconds.items():
        print(f"{name:28}{1000 * seconds / len(keys):8.1f}{seconds / total:8.1%}")
    print(f"{'all':28}{1000 * total / len(keys):8.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print_stage_shares(load_settings(workspace=Path(folder), data_root=Path(sys.argv[1])))
