"""The contrast pairs of keys: chosen by a rule, with the texts of both sides if they are asked for."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from persona_assets.errors import InvalidNameError, Producer, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.notebook.holdings import Holdings
from persona_assets.notebook.patterns import unknown
from persona_assets.notebook.rows import read_rows
from persona_assets.pair_rules import DEFAULT_RULES, check_rules
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from persona_assets.pairs.rules import PairRule

_WORD = re.compile(r"\w+")
_CHOSEN_AT_ONCE = 100
"""Keys whose pairs a rule is asked about together: asking has its price, and so has memory."""
_TABLES_KEPT = 2
"""A key and its baseline, which the next key of the model has too."""


def read_rules(workspace: Workspace) -> Mapping[str, str]:
    """The rules that have a name: the defaults, and those in the settings file if there is one.

    Raises:
        SettingsError: the file cannot be read, or its rules are none.
    """
    path = workspace.root / SETTINGS_FILE
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("pair_rules", {})
        if not isinstance(given, dict) or not all(isinstance(rule, str) for rule in given.values()):
            raise SettingsError(f"{path}: pair_rules is no table of conditions; write gap50 = 'gap > 50' below it")
        check_rules(given)
    except FileNotFoundError:
        return DEFAULT_RULES
    except InvalidNameError as error:
        raise SettingsError(f"{path}: {error}") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; mend or remove it") from error
    return {**DEFAULT_RULES, **given}


def find_pair_rule(text: str, named: Mapping[str, str]) -> "PairRule":
    """The rule of that name, or the condition itself.

    Raises:
        UnknownNameError: it is one word, which is no condition, and no rule is called so.
    """
    from persona_assets.pairs.rules import find_rule

    if text not in named and _WORD.fullmatch(text):
        raise unknown("pair rule", text, named)
    return find_rule(text, named)


def read_pairs(holdings: Holdings, keys: Sequence[DatasetKey], rule: "PairRule | None", *, texts: bool) -> "pa.Table":
    """The pairs of the keys that meet the rule, key by key.

    Raises:
        SettingsError: the rule is no condition over the columns of the index.
        MissingInputError: an index, or a dataset that it names, is not there.
        InconsistentOutputError: one is damaged, or an index was made from other rows.
    """
    import pyarrow as pa

    from persona_assets.pairs.index import INDEX_SCHEMA

    if not keys and rule:
        rule.check()
    parts = _read_parts(holdings, keys, rule, texts=texts) if keys else iter([INDEX_SCHEMA.empty_table()])
    return pa.concat_tables(parts)


def _read_parts(
    holdings: Holdings, keys: Sequence[DatasetKey], rule: "PairRule | None", *, texts: bool
) -> "Iterator[pa.Table]":
    import pyarrow as pa
    import pyarrow.compute as pc

    from persona_assets.pairs.texts import join_texts

    read = lru_cache(_TABLES_KEPT)(lambda name: read_rows(holdings, name))
    for start in range(0, len(keys), _CHOSEN_AT_ONCE):
        batch = keys[start : start + _CHOSEN_AT_ONCE]
        index = pa.concat_tables(_read_index(holdings, key) for key in batch)
        chosen = rule.choose(index) if rule else index
        if not texts:
            yield chosen
            continue
        for key in batch:
            own = chosen.filter(pc.equal(chosen["dataset"], str(key)))
            tables = {name: read(name) for name in sorted({*_list_datasets(own)})}
            _check_rows(own, tables, key)
            yield join_texts(own, tables)


def _read_index(holdings: Holdings, key: DatasetKey) -> "pa.Table":
    from persona_assets.stages.contrast_pairs.spec import NAME, PAIRS
    from persona_assets.store.parquet import read_parquet

    path, producer = PAIRS.path(holdings.workspace.root, key), Producer(NAME, key)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer)


def _list_datasets(index: "pa.Table") -> Iterator[str]:
    from persona_assets.pairs.index import SIDES

    for side in SIDES:
        yield from index[f"{side}_dataset"].unique().to_pylist()


def _check_rows(index: "pa.Table", datasets: "Mapping[str, pa.Table]", key: DatasetKey) -> None:
    """Raise unless the rows are those that the index was made from, as far as it describes them.

    Raises:
        InconsistentOutputError: they are not: a dataset was made again and the pairs were not.
    """
    import pyarrow.compute as pc

    from persona_assets.pairs.index import SIDES
    from persona_assets.stages.contrast_pairs.spec import NAME

    for side in SIDES:
        for name, rows in datasets.items():
            if not _describes(index.filter(pc.equal(index[f"{side}_dataset"], name)), side, rows):
                producer = Producer(NAME, key)
                raise producer.inconsistent(f"{producer} was made from other rows than those of {name}")


def _describes(index: "pa.Table", side: str, rows: "pa.Table") -> bool:
    places = index[f"{side}_row"]
    if any(place >= rows.num_rows for place in places.to_pylist()):
        return False
    taken = rows.drop_columns(["messages"]).take(places)
    score = "exact_score" if "exact_score" in rows.column_names else "extract_score"
    same = {"question": "question", f"{side}_score": score}
    same |= {f"{side}_{name}": name for name in ("label", "prompt_index", "question_index")}
    return all(index[said].to_pylist() == taken[held].to_pylist() for said, held in same.items())
