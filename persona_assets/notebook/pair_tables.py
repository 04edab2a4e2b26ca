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
    from persona_assets.pairs.texts import join_texts

    read = lru_cache(_TABLES_KEPT)(lambda name: read_rows(holdings, name))
    for key in keys:
        index = _read_index(holdings, key)
        chosen = rule.choose(index) if rule else index
        if texts:
            names = {*_list_datasets(chosen)}
            tables = {name: read(name) for name in sorted(names)}
            _check_rows(chosen, tables, key)
            chosen = join_texts(chosen, tables)
        yield chosen


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
    from persona_assets.pairs.index import SIDES
    from persona_assets.stages.contrast_pairs.spec import NAME

    for side in SIDES:
        said = ("label", "prompt_index", "question_index")
        columns = [index[f"{side}_{name}"].to_pylist() for name in ("dataset", "row", *said)]
        for question, name, row, *cell in zip(index["question"].to_pylist(), *columns, strict=True):
            rows = datasets[name]
            if row >= rows.num_rows or [rows[one][row].as_py() for one in ("question", *said)] != [question, *cell]:
                producer = Producer(NAME, key)
                raise producer.inconsistent(f"{producer} was made from other rows than those of {name}")
