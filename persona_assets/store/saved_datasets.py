"""The files of a Hugging Face ``DatasetDict`` on disk, in the form that all of ``datasets`` from 2.21 on read.

They are not written by ``save_to_disk``: from version 4 on it describes a list by a name that earlier versions do not
know, in the schema of the rows and in ``dataset_info.json``, and those versions then refuse the whole folder.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any, BinaryIO

import datasets
import pyarrow as pa
from typing_extensions import Buffer

from persona_assets.store.splits import SPLIT

ROWS = "data-00000-of-00001.arrow"
BATCH_ROWS = 1000
_METADATA = "huggingface"


def describe_features(features: datasets.Features) -> pa.Schema:
    """The Arrow schema of ``features``, with the metadata from which every version of ``datasets`` reads them."""
    metadata = {"info": {"features": _describe_lists_by_brackets(features.to_dict())}}
    schema: pa.Schema = features.arrow_schema
    return schema.with_metadata({_METADATA: json.dumps(metadata)})


def save_dataset(folder: Path, table: pa.Table) -> str:
    """Make ``folder`` with one split, from a table in one chunk with a schema of ``describe_features``.

    Returns the fingerprint: a content hash, so that equal tables are equal datasets to the ``datasets`` cache.
    """
    split = folder / SPLIT
    split.mkdir(parents=True, exist_ok=True)
    fingerprint = _write_rows(split / ROWS, table)
    _write_json(folder / "dataset_dict.json", {"splits": [SPLIT]}, indent=None)
    _write_json(split / "dataset_info.json", _describe(table.schema))
    _write_json(split / "state.json", _state(fingerprint))
    return fingerprint


def _describe_lists_by_brackets(feature: Any) -> Any:
    """``[feature]`` instead of ``{"_type": "List", "feature": feature}``.

    ``Sequence``, which all versions know as well, would make a list of messages a dict of lists.
    """
    if not isinstance(feature, dict):
        return feature
    if feature.get("_type") == "List":
        return [_describe_lists_by_brackets(feature["feature"])]
    return {name: _describe_lists_by_brackets(inner) for name, inner in feature.items()}


def _describe(schema: pa.Schema) -> dict[str, Any]:
    features = json.loads(schema.metadata[_METADATA.encode()])["info"]["features"]
    return {"citation": "", "description": "", "features": features, "homepage": "", "license": ""}


def _state(fingerprint: str) -> dict[str, Any]:
    return {
        "_data_files": [{"filename": ROWS}],
        "_fingerprint": fingerprint,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": None,
    }


def _write_json(path: Path, content: dict[str, Any], indent: int | None = 2) -> None:
    path.write_text(json.dumps(content, indent=indent), encoding="utf-8")


def _write_rows(path: Path, table: pa.Table) -> str:
    """Write the Arrow stream and return its hash.

    It is taken over the stream rather than the buffers, whose padding differs between a table just made and the same
    table read back.
    """
    with path.open("wb") as file:
        sink = _HashingSink(file)
        with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as writer:
            writer.write_table(table, max_chunksize=BATCH_ROWS)
    return sink.digest.hexdigest()[:16]


class _HashingSink(io.RawIOBase):
    """Passes on to a file what is written, and hashes it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Buffer) -> int:
        self.digest.update(content)
        return self.file.write(content)
