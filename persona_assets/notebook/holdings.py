"""What a workspace holds: its datasets by name, as they lie in one folder, and the states of its keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.kinds import KINDS, Kind
from persona_assets.notebook.patterns import Patterns, choose
from persona_assets.workspace import Workspace

if TYPE_CHECKING:
    from persona_assets.collection.survey import State

_KIND_NAMES = {name: kind.name for kind in KINDS.values() for name in (kind.name, kind.plural)}


@dataclass(frozen=True)
class Wanted:
    """Which datasets are asked for. None: whichever."""

    model: Patterns = None
    kind: Patterns | Kind = None
    persona: Patterns = None
    state: Patterns = None
    variant: Patterns = None


@dataclass(frozen=True)
class Holdings:
    """Looked up once, when they are first asked for."""

    workspace: Workspace

    @cached_property
    def datasets(self) -> Mapping[str, DatasetName]:
        """Every dataset and variant that has a Parquet file, in the order of their names."""
        from persona_assets.collection.outputs import list_entries
        from persona_assets.stages.parquet_export.spec import PARQUET_FILE

        found: dict[str, DatasetName] = {}
        for entry in list_entries(self.workspace.root / PARQUET_FILE.folder):
            if entry.name.endswith(PARQUET_FILE.suffix):
                try:
                    name = DatasetName.parse(entry.name.removesuffix(PARQUET_FILE.suffix))
                except InvalidNameError:  # being written, or somebody else's
                    continue
                found[str(name)] = name
        return dict(sorted(found.items(), key=lambda item: (item[1].key, item[0])))

    @cached_property
    def keys(self) -> Mapping[str, DatasetKey]:
        """Every key that has a dataset."""
        return {text: name.key for text, name in self.datasets.items() if name.variant is None}

    @cached_property
    def states(self) -> Mapping[DatasetKey, "State"]:
        """The state of every key, whether it has a dataset or not."""
        from persona_assets.collection.recorded_states import read_states

        return read_states(self.workspace)

    @property
    def is_catalogued(self) -> bool:
        return self.workspace.catalogue_file.is_file()

    def find(self, wanted: Wanted) -> list[str]:
        """The names of the datasets wanted. With a state, of every key in it, even of one without a dataset."""
        keys = frozenset(self.keys.values()) if wanted.state is None else self._keys_in(wanted.state)
        everywhere = frozenset(self.keys.values()) | (self.states.keys() if wanted.state is not None else set())
        models = choose("model", wanted.model, {key.model for key in everywhere})
        kind = wanted.kind.name if isinstance(wanted.kind, Kind) else wanted.kind
        kinds = {_KIND_NAMES[name] for name in choose("kind", kind, _KIND_NAMES)}
        personas = choose("persona", wanted.persona, {key.persona for key in everywhere})
        chosen = {key for key in keys if key.model in models and key.kind_name in kinds and key.persona in personas}
        if wanted.variant is None:
            return [str(key) for key in sorted(chosen)]
        variants = {name: str(one.variant) for name, one in self.datasets.items() if one.variant}
        fitting = choose("variant", wanted.variant, variants.values())
        return [name for name, text in variants.items() if text in fitting and self.datasets[name].key in chosen]

    def find_keys(self, patterns: Patterns) -> list[DatasetKey]:
        """The keys with a dataset whose names fit."""
        from persona_assets.suggestions import KEYS_ALIKE

        chosen = choose("key", patterns, self.keys, KEYS_ALIKE)
        return [key for text, key in self.keys.items() if text in chosen]

    def _keys_in(self, states: Patterns) -> frozenset[DatasetKey]:
        from persona_assets.collection.survey import State

        chosen = choose("state", states, [state.value for state in State])
        return frozenset(key for key, state in self.states.items() if state.value in chosen)
