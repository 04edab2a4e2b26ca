"""A training set out of many keys, with a budget of answer tokens: made, made again with nothing new, and looked at.

    python benchmarks/training_sets.py --workspace MADE --keys 1299 --tokens 100000

The keys are those of a workspace that was made before, under further names, as in ``benchmarks/report.py``.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from report import multiply

from persona_assets.collection.training_sets import survey_sets
from persona_assets.run.one_key import materialise_key
from persona_assets.settings import Settings
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.training_recipes import Recipe

NAME = "measured"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", type=Path, required=True, help="a workspace in which everything was made")
    parser.add_argument("--keys", type=int, nargs="+", default=[1299])
    parser.add_argument("--tokens", type=int, default=100_000, help="the budget; 0: none")
    parser.add_argument("--where", help="a condition, which makes every row be looked at")
    parser.add_argument("--folder", type=Path, help="where the copies go, on the same file system as the workspace")
    options = parser.parse_args()
    print("| keys | rows | examples | made s | nothing new s | listed s |")
    print("|---|---|---|---|---|---|")
    for count in options.keys:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            print(f"| {count:,} | {' | '.join(measure(options, Path(folder), count))} |", flush=True)


def measure(options: argparse.Namespace, folder: Path, count: int) -> Iterator[str]:
    multiply(options.workspace, folder, count)
    recipe = Recipe(token_budget=options.tokens or None, where=options.where, trained_model="gemma-2-27b")
    settings = Settings(workspace=folder, training_sets={NAME: recipe})
    seconds, outcome = timed(lambda: materialise_key(NAME, settings, partitioning=BY_SET))
    assert outcome.failure is None, outcome.failure
    [state] = survey_sets(settings)
    assert state.record
    yield f"{state.record.candidates:,}"
    yield f"{sum(state.examples.values()):,}"
    yield f"{seconds:.1f}"
    yield f"{timed(lambda: materialise_key(NAME, settings, partitioning=BY_SET))[0]:.1f}"
    yield f"{timed(lambda: survey_sets(settings))[0]:.1f}"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


if __name__ == "__main__":
    main()
