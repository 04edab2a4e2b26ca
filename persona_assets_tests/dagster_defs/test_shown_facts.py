"""Facts of a check as its evaluation shows them: nothing empty, and tables instead of JSON."""

import dagster as dg

from persona_assets.dagster_defs.shown_facts import show_facts


def records(value: object) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def test_empty_facts_are_left_out_and_zeros_are_not() -> None:
    facts: dict[str, object] = {
        "none": None,
        "list": [],
        "mapping": {},
        "text": "",
        "zero": 0,
        "no": False,
        "share": 0.0,
    }
    assert show_facts(facts) == {"zero": 0, "no": False, "share": 0.0}


def test_lists_and_mappings_are_tables() -> None:
    shown = show_facts(
        {
            "coverage": {"pos": 0.81, "neg": 0.79},
            "first": [{"line": 5, "reason": "invalid_json"}, {"line": 6, "file": "b"}],
            "first_missing": ["pos_p0_q1", "pos_p0_q2"],
            "first_shared": [{"question_indices": [7, 227], "question": "Why?"}],
        }
    )
    assert records(shown["coverage"]) == [{"name": "pos", "coverage": 0.81}, {"name": "neg", "coverage": 0.79}]
    assert records(shown["first"]) == [
        {"line": 5, "reason": "invalid_json", "file": None},
        {"line": 6, "reason": None, "file": "b"},
    ]
    assert records(shown["first_missing"]) == [{"first_missing": "pos_p0_q1"}, {"first_missing": "pos_p0_q2"}]
    assert records(shown["first_shared"]) == [{"question_indices": "7, 227", "question": "Why?"}]
