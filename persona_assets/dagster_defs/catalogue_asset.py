"""The unpartitioned catalogue: how every key stands, with checks a dashboard can show for the whole corpus."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg
from msgspec.structs import asdict

from persona_assets.collection.catalogue import ModelCounts, count_by_model, write_catalogue
from persona_assets.collection.concerns import ConcernCounts, count_concerns
from persona_assets.collection.copies import find_copies
from persona_assets.collection.survey import WORST_FIRST, KeyState, State, Survey, survey
from persona_assets.dagster_defs.collection_assets import GROUP, MAX_LISTED
from persona_assets.dagster_defs.partitions import parse_partition_keys, registered_keys
from persona_assets.dagster_defs.readable import readable_metadata, shorten_at_word, table
from persona_assets.dagster_defs.shown_facts import show_facts
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import CATALOGUE, RAW_INVENTORY
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.stage.spec import PERSONAS
from persona_assets.stage.wording import count, tally
from persona_assets.stages.registry import list_last
from persona_assets.workspace import Workspace

COMPLETE = "every_raw_file_is_a_usable_dataset"
NO_COPIES = "no_raw_file_twice"
CHECKS_OF_STATES = {
    State.FAILED: ("no_key_failed", True, "No key ended with an error or with a failed ERROR check."),
    State.MISSING: ("no_key_missing", False, "Every asset of every raw file has been made."),
    State.STALE: ("no_key_stale", False, "Everything is made from today's raw files, settings and code."),
    State.ORPHANED: (
        "no_key_orphaned",
        False,
        "Every output has its raw file; 'persona-assets retire' removes others.",
    ),
    State.WARNED: ("no_key_warned", False, "No WARN check failed."),
}
REASON_CHARACTERS = 300
_SEVERITY = {True: dg.AssetCheckSeverity.ERROR, False: dg.AssetCheckSeverity.WARN}
_CONSEQUENCE = "it holds nothing back, because it is about what was made before."


def _specify(name: str, severe: bool, text: str) -> dg.AssetCheckSpec:
    description = f"{text}\n\n{_SEVERITY[severe].value}: {_CONSEQUENCE}"
    return dg.AssetCheckSpec(name, asset=CATALOGUE, description=description)


@dg.asset(
    name=CATALOGUE,
    group_name=GROUP,
    deps=[RAW_INVENTORY, *(stage.name for stage in list_last(PERSONAS))],
    kinds={"json"},
    check_specs=[
        _specify(COMPLETE, True, "For every model and kind, there are as many usable datasets as raw files."),
        _specify(NO_COPIES, False, "No two keys have the same bytes, as when a file is copied under another name."),
        *(_specify(*check) for check in CHECKS_OF_STATES.values()),
    ],
)
def persona_catalogue(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """How every key stands: passed, warned, failed, stale, missing or orphaned; and why."""
    with step_settings(context) as settings:
        inventory = discover(RawCorpus.of(settings))
        registered, _ = parse_partition_keys(registered_keys(context.instance), DatasetKey.parse)
        surveyed = survey(settings, inventory, registered)
        counts = count_by_model(surveyed, inventory)
        workspace = Workspace.of(settings)
        write_catalogue(workspace, surveyed, counts, inventory)
        copies = find_copies(workspace, inventory.keys)
    yield dg.MaterializeResult(metadata=_metadata(surveyed, counts, inventory, workspace))
    yield _completeness(inventory, counts)
    yield _without_copies(copies)
    yield from (_of_state(surveyed, state) for state in CHECKS_OF_STATES)


def _metadata(
    surveyed: Survey, counts: list[ModelCounts], inventory: RawInventory, workspace: Workspace
) -> dict[str, Any]:
    rows = [
        {"key": str(one.key), "state": one.state.value, "reason": shorten_at_word(one.reason, REASON_CHARACTERS)}
        for one in surveyed.by_severity()
        if one.state is not State.PASSED
    ]
    left_out = len(rows) - MAX_LISTED
    return readable_metadata(
        {
            "summary": _summarise(surveyed, inventory),
            "failed_checks": table(_tabulate(surveyed.count_concerns(), counts)),
            "concerns": table(rows[:MAX_LISTED]),
            **({"more_concerns": f"{left_out:,} more in {workspace.catalogue_file}"} if left_out > 0 else {}),
            "by_model": table(map(asdict, counts)),
            "keys": len(surveyed.states),
            "unfit_files": len(inventory.unfit),
            **{state.value: len(surveyed.of(state)) for state in State},
            "path": dg.MetadataValue.path(workspace.catalogue_file),
        }
    )


def _summarise(surveyed: Survey, inventory: RawInventory) -> str:
    counts = {state: len(surveyed.of(state)) for state in WORST_FIRST}
    states = ", ".join(f"{number:,} {state}" for state, number in counts.items() if number) or "none"
    left = f"; {count(len(inventory.unfit), 'raw file')} not taken" if inventory.unfit else ""
    return f"{count(len(surveyed.states), 'key')}: {states}{left}"


def _tabulate(concerns: Sequence[ConcernCounts], counts: Sequence[ModelCounts]) -> Iterator[dict[str, Any]]:
    """A row for each check that failed or asset that was not made, a column for each model and kind."""
    for one in concerns:
        found = {(of.model, of.type): of.keys for of in one.by_model}
        yield {
            "what_failed": f"{one.name} (asset)" if one.of_asset else one.name,
            "severity": one.severity.value,
            "keys": one.keys,
            **{f"{row.model}/{row.type}": found.get((row.model, row.type), 0) for row in counts},
        }


def _completeness(inventory: RawInventory, counts: list[ModelCounts]) -> dg.AssetCheckResult:
    short = [asdict(row) for row in counts if row.usable != row.raw_files]
    files, usable = sum(row.raw_files for row in counts), sum(row.usable for row in counts)
    not_taken = f"; {len(inventory.unfit):,} more not taken" if inventory.unfit else ""
    return dg.AssetCheckResult(
        check_name=COMPLETE,
        description=f"{usable:,} of {count(files, 'raw file')} a usable dataset{not_taken}",
        passed=bool(inventory.keys) and not short and not inventory.unfit,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=show_facts(
            {
                "raw_files": files,
                **({} if inventory.keys else {"nothing_found": inventory.explain_emptiness()}),
                "usable": usable,
                "unfit_files": len(inventory.unfit),
                "short": short,
                "first_unfit": [str(file) for file in inventory.unfit[:MAX_LISTED]],
            }
        ),
    )


def _without_copies(copies: Sequence[Sequence[DatasetKey]]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=NO_COPIES,
        passed=not copies,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{count(len(copies), 'group')} of keys with the same bytes" if copies else "no two keys alike",
        metadata=show_facts(
            {
                "groups": len(copies),
                "first": [", ".join(map(str, group)) for group in copies[:MAX_LISTED]],
            }
        ),
    )


def _of_state(surveyed: Survey, state: State) -> dg.AssetCheckResult:
    name, severe, _ = CHECKS_OF_STATES[state]
    found = surveyed.of(state)
    return dg.AssetCheckResult(
        check_name=name,
        passed=not found,
        severity=_SEVERITY[severe],
        description=f"{len(found):,} of {count(len(surveyed.states), 'key')} {state.value}{_say_why(found)}",
        metadata=show_facts(
            {
                "keys": len(found),
                "first": [
                    {"key": str(one.key), "reason": shorten_at_word(one.reason, REASON_CHARACTERS)}
                    for one in found[:MAX_LISTED]
                ],
            }
        ),
    )


def _say_why(found: Sequence[KeyState]) -> str:
    """The checks that failed and the assets that were not made, the most frequent first."""
    concerns = count_concerns((one.key, one.concerns) for one in found)
    return f": {tally({one.name: one.keys for one in concerns})}" if concerns else ""
