"""Finding the files of a model's traits, and whatever beside them looks like raw data but is not read."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import TRAIT
from persona_assets.raw.files import exists
from persona_assets.raw.folders import Entry, ModelFolder, UnfitFile, finding_line, stamp_lines
from persona_assets.raw.layouts.persona_vectors.names import FILE, SIGNS, SUFFIX, file_name


def find(model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
    """Yield every key of the model, and every finding about what is not one."""
    traits: dict[str, list[str]] = defaultdict(list)
    others: list[Entry] = []
    for entry in model.entries:
        match = None if entry.is_folder or entry.problem else FILE.fullmatch(entry.name)
        if match:
            traits[match["trait"]].append(match["label"])
        else:
            others.append(entry)
    for trait, labels in traits.items():
        yield from _as_key(model, trait, labels)
    for entry in others:
        if traits or FILE.fullmatch(entry.name):
            yield from _explain(entry)


def fingerprint_lines(model: ModelFolder) -> Iterator[str]:
    """Yield name, size and time of everything in the model's folder, and every finding."""
    yield from stamp_lines(model.path)
    yield from (finding_line(one) for one in find(model) if isinstance(one, UnfitFile))


def may_be_there(path: Path) -> bool:
    """Whether something is at ``path``, or a folder that cannot be searched hides whether there is."""
    try:
        return exists(path)
    except OSError:
        return True


def _as_key(model: ModelFolder, trait: str, labels: list[str]) -> Iterator[DatasetKey | UnfitFile]:
    try:
        yield DatasetKey(model.model, TRAIT.name, trait)
    except InvalidNameError as error:
        yield from (UnfitFile(model.path / file_name(trait, label), str(error)) for label in labels)
        return
    for label in TRAIT.labels:
        if label not in labels:
            path = model.path / file_name(trait, label)
            yield UnfitFile(path, f"is not there: {trait} has answers of the label {labels[0]} only")


def _explain(entry: Entry) -> Iterator[UnfitFile]:
    """What is not read beside the files of traits: answers under steering, baselines, older copies."""
    if entry.is_folder:
        yield from SIGNS.misplaced(entry.path, f"only {SUFFIX} files directly in a model's folder are read")
    elif entry.problem and FILE.fullmatch(entry.name):
        yield UnfitFile(entry.path, f"{entry.problem}; mend it, or remove it")
    elif entry.ends_with(SIGNS.suffixes):
        yield UnfitFile(entry.path, f"is not read: its name is not {file_name('{trait}', '{pos|neg}')}")
