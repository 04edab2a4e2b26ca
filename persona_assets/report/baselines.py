"""Which key holds what a model answers without a persona."""

import re
from collections.abc import Iterable, Mapping

from persona_assets.keys import DatasetKey

_BASELINE = re.compile(r"(\d+_)?default")


def is_baseline(persona: str) -> bool:
    """Whether a role of this name is a baseline, as raw layouts call them."""
    return _BASELINE.fullmatch(persona) is not None


def find_baselines(keys: Iterable[DatasetKey]) -> Mapping[str, DatasetKey]:
    """The first baseline of each model that has one."""
    found: dict[str, DatasetKey] = {}
    for key in sorted(keys):
        if key.kind.baselines and is_baseline(key.persona):
            found.setdefault(key.model, key)
    return found
