"""Which stage, and which check, takes which share of the CPU time that a worker spends on a key."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from persona_assets import pipeline
from persona_assets.checks import running
from persona_assets.raw.discovery import discover
from persona_assets.settings import Settings

Function = Callable[..., Any]


@dataclass
class Stopwatch:
    """CPU seconds by name, while it runs."""

    runs: bool = False
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def timing(self, name: str, function: Function) -> Function:
        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                if self.runs:
                    self.seconds[name] += time.process_time() - start

        return timed


def print_stage_shares(settings: Settings) -> None:
    """Materialise every key in this process, twice: the first time loads what is loaded once."""
    watch = Stopwatch()
    pipeline.MAKERS = {stage: watch.timing(stage, maker) for stage, maker in pipeline.MAKERS.items()}
    running.CHECKERS = {
        stage: watch.timing(f"{stage} checked", checker) for stage, checker in running.CHECKERS.items()
    }
    materialise = watch.timing("all", pipeline.materialise_key)
    keys = discover(settings.raw_root).keys
    for key in keys:
        for watch.runs in (False, True):
            materialise(key, settings, variants=settings.variants_of(key.kind), redo=True)
    total = watch.seconds.pop("all")
    watch.seconds["locks, records, the rest"] = total - sum(watch.seconds.values())
    print(f"\n{'':28}{'ms/key':>8}{'share':>8}")
    for name, seconds in watch.seconds.items():
        print(f"{name:28}{1000 * seconds / len(keys):8.1f}{seconds / total:8.1%}")
    print(f"{'all':28}{1000 * total / len(keys):8.1f}")
