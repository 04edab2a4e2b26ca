"""What each stage depends on in the asset graph: what it reads."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
    INPUT_EVENT_POINTER_TAG_PREFIX,
    NULL_EVENT_POINTER,
)

from persona_assets.dagster_defs.raw_files import AS_FOUND
from persona_assets.dagster_runtime.own_names import RAW_INVENTORY
from persona_assets.stage.spec import Stage


def list_dependencies(stage: Stage[Any]) -> list[dg.AssetDep]:
    """The raw files and the stages whose outputs it reads; for the first stage also the inventory of its keys."""
    first = [] if stage.needs or not stage.raw_files else [RAW_INVENTORY]
    return [*map(dg.AssetDep, (*first, *stage.raw_files)), *_list_stages_read(stage)]


def tag_origin(stage: Stage[Any]) -> dict[str, str]:
    """Tags that say from which versions of the inventory and the raw files the first stage was made.

    Without them, Dagster would call every key unsynced after each scan of the raw root.
    """
    if stage.needs or not stage.raw_files:
        return {}
    tags = {CODE_VERSION_TAG: stage.code_version}
    for name in (RAW_INVENTORY, *stage.raw_files):
        tags[f"{INPUT_DATA_VERSION_TAG_PREFIX}/{name}"] = AS_FOUND
        tags[f"{INPUT_EVENT_POINTER_TAG_PREFIX}/{name}"] = NULL_EVENT_POINTER
    return tags


def _list_stages_read(stage: Stage[Any]) -> Iterator[dg.AssetDep]:
    """On the same partition, also where other keys of the partitioning are read: a run puts those first itself.

    Told of them, a backfill would make a stage of no key before what it reads is made of all, so that one bad key
    would hold back all others. On another partitioning, any partition may be read.
    """
    for other in dict.fromkeys(need.stage for need in stage.needs):
        same = other.partitioning == stage.partitioning
        yield dg.AssetDep(other.name, partition_mapping=None if same else dg.AllPartitionMapping())
