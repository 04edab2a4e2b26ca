"""Finding the roles in a model's tables, and whatever beside them looks like raw data but is not read."""

from collections.abc import Iterator
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE
from persona_assets.raw.folders import Entry, ModelFolder, UnfitFile, finding_line, names_in, stamp_lines
from persona_assets.raw.layouts.rollout_tables.names import (
    EVALUATIONS,
    RESPONSES,
    ROLLOUTS,
    SIGNS,
    SUFFIX,
    TABLE,
    Group,
    group,
)
from persona_assets.raw.layouts.rollout_tables.parquet_tables import roles_of


def find(model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
    """Yield every key of the model, and every finding about what is not one. Reads the roles in the tables."""
    tables = {entry.name.removesuffix(SUFFIX) for entry in model.entries if is_table(entry)}
    if not tables:
        return
    groups = group(tables)
    roles = {role for one in groups for role in roles_in(model.path, one)}
    for role in sorted(roles):
        try:
            yield DatasetKey(model.model, ROLE.name, role)
        except InvalidNameError as error:
            yield UnfitFile(model.path / f"{groups[0].rollouts}{SUFFIX}", str(error))
    for one in groups:
        yield from _explain_rows(model.path, one)
    grouped = {name for one in groups for name in one.tables}
    for name in sorted(tables - grouped):
        yield UnfitFile(model.path / f"{name}{SUFFIX}", _alone(name))
    for entry in model.entries:
        if not is_table(entry):
            yield from _explain(entry)


def fingerprint_lines(model: ModelFolder) -> Iterator[str]:
    """Yield name, size and time of everything in the model's folder, and every finding."""
    yield from stamp_lines(model.path)
    yield from (finding_line(one) for one in find(model) if isinstance(one, UnfitFile))


def groups_of(folder: Path, role: str) -> list[Group]:
    """The tables in which a role is. Never raises."""
    try:
        names = names_in(folder, SIGNS.suffixes)
    except OSError:
        return []
    groups = group(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
    return [one for one in groups if role in roles_in(folder, one)]


def is_table(entry: Entry) -> bool:
    """Whether an entry of a model's folder is called like a table."""
    named = entry.name.endswith(SUFFIX) and TABLE.fullmatch(entry.name.removesuffix(SUFFIX))
    return bool(named) and not entry.is_folder and not entry.problem


def roles_in(folder: Path, tables: Group) -> frozenset[str]:
    """The roles that have responses; where those cannot be read, the roles that were to have them."""
    answered = [roles_of(folder / f"{name}{SUFFIX}") for name in tables.responses]
    if any(one.problem for one in answered):
        answered.append(roles_of(folder / f"{tables.rollouts}{SUFFIX}"))
    return frozenset[str]().union(*(one.names for one in answered))


def _explain_rows(folder: Path, tables: Group) -> Iterator[UnfitFile]:
    """Tables that cannot be read, and rows of no role, or of a role without responses, which are in no key."""
    for name in tables.tables:
        path = folder / f"{name}{SUFFIX}"
        found = roles_of(path)
        if found.problem:
            yield UnfitFile(path, f"{found.problem}; write it again, or remove it")
        elif found.nameless:
            yield UnfitFile(path, f"has {found.nameless:,} rows without a role, which are not read")
        elif name in tables.evaluations and (lost := sorted(found.names - roles_in(folder, tables))):
            yield UnfitFile(path, f"scores {len(lost):,} roles without responses, such as {ascii(lost[0])[1:-1]}")


def _alone(name: str) -> str:
    """Why a table belongs to no other."""
    if name.startswith(RESPONSES):
        return f"answers rollouts that are not there; {ROLLOUTS}{SUFFIX} would be looked for"
    if name.startswith(EVALUATIONS):
        scored = RESPONSES + name.removeprefix(EVALUATIONS)
        return f"scores responses that are not there; {scored}{SUFFIX} with its {ROLLOUTS} would be looked for"
    return f"holds prompts to which there are no {RESPONSES}"


def _explain(entry: Entry) -> Iterator[UnfitFile]:
    if entry.is_folder:
        yield from SIGNS.misplaced(entry.path, f"only {SUFFIX} files directly in a model's folder are read")
    elif entry.problem and entry.ends_with(SIGNS.suffixes):
        yield UnfitFile(entry.path, f"{entry.problem}; mend it, or remove it")
    elif entry.ends_with(SIGNS.suffixes):
        yield UnfitFile(
            entry.path, f"is not read: its name does not begin with {ROLLOUTS}, {RESPONSES} or {EVALUATIONS}"
        )
