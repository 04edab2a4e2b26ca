"""Dynamic partitions: one per persona key, and those of other partitionings."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import dagster as dg

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey

Key = TypeVar("Key", bound=PartitionKey)


def partitions_of(partitioning: Partitioning) -> dg.DynamicPartitionsDefinition:
    """The partitions that stages of ``partitioning`` have."""
    return dg.DynamicPartitionsDefinition(name=partitioning.name)


persona_partitions = partitions_of(PERSONAS)


def registered_keys(instance: dg.DagsterInstance, partitioning: Partitioning = PERSONAS) -> list[str]:
    """Partition keys in the instance's own order, by which ranges are counted."""
    return list(partitions_of(partitioning).get_partition_keys(dynamic_partitions_store=instance))


def register(
    instance: dg.DagsterInstance, keys: Iterable[PartitionKey], partitioning: Partitioning = PERSONAS
) -> list[str]:
    """Add the keys that are not there yet, sorted and in one call; return those."""
    known = set(registered_keys(instance, partitioning))
    new = [str(key) for key in sorted(set(keys)) if str(key) not in known]
    if new:
        instance.add_dynamic_partitions(partitioning.name, new)
    return new


def unregister(instance: dg.DagsterInstance, key: DatasetKey) -> None:
    """Remove the partition of ``key``, if there is one."""
    instance.delete_dynamic_partition(str(persona_partitions.name), str(key))


def parse_partition_keys(
    partition_keys: Iterable[str], parse: Callable[[str], Key]
) -> tuple[list[Key], dict[str, str]]:
    """The keys, and what is wrong with partitions that are none: the UI lets anyone add any text as one."""
    keys: list[Key] = []
    invalid: dict[str, str] = {}
    for text in partition_keys:
        try:
            keys.append(parse(text))
        except InvalidNameError as error:
            invalid[text] = f"{error}; delete this partition"
    return keys, invalid


def contiguous_ranges(wanted: Iterable[str], ordered: Sequence[str], longest: int) -> list[tuple[str, ...]]:
    """Split ``wanted`` into runs of neighbours in ``ordered``, none longer than ``longest`` (0: of any length).

    One Dagster run takes one range of partitions, not an arbitrary set.
    """
    chosen = set(wanted)
    ranges: list[list[str]] = []
    previous_taken = False
    for key in ordered:
        if key in chosen:
            if not previous_taken or (longest and len(ranges[-1]) == longest):
                ranges.append([])
            ranges[-1].append(key)
        previous_taken = key in chosen
    return [tuple(keys) for keys in ranges]
