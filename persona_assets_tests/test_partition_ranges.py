"""Partitions: runs of neighbours, and registering keys on a real instance."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pytest

from persona_assets.dagster_defs.partitions import (
    contiguous_ranges,
    parse_partition_keys,
    persona_partitions,
    register,
    registered_keys,
)
from persona_assets.keys import DatasetKey

ORDERED = tuple("abcdefgh")


@pytest.mark.parametrize(
    ("wanted", "longest", "expected"),
    [
        ("", 3, []),
        ("a", 3, ["a"]),
        ("h", 3, ["h"]),
        ("abc", 3, ["abc"]),
        ("abcd", 3, ["abc", "d"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("abcdefgh", 8, ["abcdefgh"]),
        ("abcdefgh", 100, ["abcdefgh"]),
        ("abc", 1, ["a", "b", "c"]),
        ("aceg", 3, ["a", "c", "e", "g"]),
        ("abdegh", 3, ["ab", "de", "gh"]),
        ("abcdfgh", 2, ["ab", "cd", "fg", "h"]),
        ("ah", 5, ["a", "h"]),
        ("abcdefgh", 0, ["abcdefgh"]),
        ("abdegh", 0, ["ab", "de", "gh"]),
    ],
)
def test_neighbours_share_a_range_up_to_its_limit(wanted: str, longest: int, expected: list[str]) -> None:
    assert contiguous_ranges(wanted, ORDERED, longest) == [tuple(keys) for keys in expected]


@pytest.mark.parametrize("wanted", ["hgfedcba", "abdegh", "aceg", "gcaa", "bbbb"])
@pytest.mark.parametrize("longest", [1, 2, 3, 7, 8])
def test_ranges_hold_every_wanted_key_once_in_order_and_only_neighbours(wanted: str, longest: int) -> None:
    ranges = contiguous_ranges(wanted, ORDERED, longest)
    assert [key for keys in ranges for key in keys] == sorted(set(wanted))
    for keys in ranges:
        start = ORDERED.index(keys[0])
        assert keys == ORDERED[start : start + len(keys)]
        assert 1 <= len(keys) <= longest


def test_the_order_of_the_partitions_counts_and_not_the_alphabet() -> None:
    assert contiguous_ranges(["a", "b", "c"], ["c", "x", "b", "a"], 5) == [("c",), ("b", "a")]


def test_wanted_keys_may_come_from_an_iterator() -> None:
    assert contiguous_ranges(iter("ba"), ORDERED, 5) == [("a", "b")]


def test_partitions_that_are_no_keys_are_told_apart_and_explained() -> None:
    texts = ["m__role__b", "../../etc/passwd", "", "m__role__a", "m__role__a,b"]
    keys, invalid = parse_partition_keys(texts, DatasetKey.parse)
    assert keys == [DatasetKey("m", "role", "b"), DatasetKey("m", "role", "a")]
    assert list(invalid) == ["../../etc/passwd", "", "m__role__a,b"]
    assert all(problem.endswith("; delete this partition") for problem in invalid.values())


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as made:
        yield made


def key(text: str) -> DatasetKey:
    return DatasetKey.parse(text)


def test_keys_are_registered_sorted_by_model_kind_and_persona(instance: dg.DagsterInstance) -> None:
    shuffled = ["gemma-2-27b__trait__calm", "gemma-2-27b__role__b", "gemma-2__role__z", "gemma-2-27b__role__a"]
    expected = ["gemma-2__role__z", "gemma-2-27b__role__a", "gemma-2-27b__role__b", "gemma-2-27b__trait__calm"]
    assert register(instance, [key(text) for text in shuffled]) == expected
    assert registered_keys(instance) == expected
    assert list(persona_partitions.get_partition_keys(dynamic_partitions_store=instance)) == expected


def test_registering_again_adds_only_what_is_new(instance: dg.DagsterInstance) -> None:
    register(instance, [key("m__role__b"), key("m__role__c")])
    assert register(instance, [key("m__role__c"), key("m__role__b")]) == []
    assert register(instance, [key("m__role__d"), key("m__role__a"), key("m__role__b")]) == [
        "m__role__a",
        "m__role__d",
    ]
    assert sorted(registered_keys(instance)) == ["m__role__a", "m__role__b", "m__role__c", "m__role__d"]


def test_a_key_given_twice_is_registered_once(instance: dg.DagsterInstance) -> None:
    assert register(instance, [key("m__role__a"), key("m__role__a")]) == ["m__role__a"]
    assert registered_keys(instance) == ["m__role__a"]


def test_nothing_to_register_is_no_error(instance: dg.DagsterInstance) -> None:
    assert register(instance, []) == []
    assert registered_keys(instance) == []


def test_keys_may_come_from_an_iterator(instance: dg.DagsterInstance) -> None:
    assert register(instance, iter([key("m__role__b"), key("m__role__a")])) == ["m__role__a", "m__role__b"]


def test_any_number_of_keys_is_registered_in_one_call(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, Sequence[str]]] = []
    add = instance.add_dynamic_partitions

    def counted(name: str, keys: Sequence[str]) -> None:
        calls.append((name, keys))
        add(name, keys)

    monkeypatch.setattr(instance, "add_dynamic_partitions", counted)
    keys = [DatasetKey("m", "role", f"p{number:04}") for number in range(2500)]
    register(instance, keys)
    register(instance, keys)
    assert [(name, len(added)) for name, added in calls] == [("persona_datasets", 2500)]
    assert registered_keys(instance) == [f"m__role__p{number:04}" for number in range(2500)]


def test_ranges_follow_the_order_of_the_instance_after_later_additions(instance: dg.DagsterInstance) -> None:
    register(instance, [key("m__role__b"), key("m__role__d")])
    register(instance, [key("m__role__c")])
    ordered = registered_keys(instance)
    ranges = contiguous_ranges(ordered, ordered, 2)
    assert [len(keys) for keys in ranges] == [2, 1]
    with dg.partition_loading_context(dynamic_partitions_store=instance):
        for keys in ranges:
            between = persona_partitions.get_partition_keys_in_range(dg.PartitionKeyRange(keys[0], keys[-1]))
            assert tuple(between) == keys
