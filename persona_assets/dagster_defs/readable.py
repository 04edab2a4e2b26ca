"""Metadata that can be read back and shown, whatever raw files, partitions and paths are called.

Dagster keeps events as JSON in which keys such as ``__class__`` and ``__set__`` are its own marks. A mapping that
has one as a key is stored, but can never be read again, nor can the log it is in. So the keys of a mapping are
names that this package chose; names that others chose are values.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

LONGEST_TEXT = 1000
DEEPEST = 10
WIDEST_INTEGER_BITS = 63
OTHER_ENTRIES = "other_entries"

_LINK_OR_HTML = re.compile(r"(?<=\])\(|<(?=[A-Za-z/!?])")
_OWN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,150}")


def readable_metadata(entries: Mapping[str, Any]) -> dict[str, Any]:
    """``entries`` as every event of this package carries them: all metadata passes through here."""
    metadata = {name: _entry(value) for name, value in entries.items() if _OWN_NAME.fullmatch(name)}
    others = {name: _bare(value) for name, value in entries.items() if name not in metadata}
    return metadata | ({OTHER_ENTRIES: dg.MetadataValue.json(listed(others, "name", "value"))} if others else {})


def listed(mapping: Mapping[str, Any], name: str, value: str) -> list[dict[str, Any]]:
    """A mapping whose keys others chose, as records: the key under ``name``, what it maps to under ``value``."""
    return [{name: readable_text(key), value: plain(of)} for key, of in mapping.items()]


def plain(value: Any) -> Any:
    """``value`` as JSON that every reader takes: finite numbers, valid and bounded text, keys of this package."""
    return _plain(value, 0)


def readable_text(text: str, longest: int | None = LONGEST_TEXT) -> str:
    """``text`` without what no encoding or database takes, cut after ``longest`` characters."""
    valid = text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")
    return valid if longest is None or len(valid) <= longest else f"{valid[:longest]}..."


def readable_sentence(text: str) -> str:
    """``text`` for pages that show Markdown: what raw data named in it stays text.

    The UI would fetch a picture from wherever it is, and leave HTML out. Only what begins one of these gets a
    backslash, because other pages show the text as it is.
    """
    return _LINK_OR_HTML.sub(r"\\\g<0>", readable_text(text))


def shorten_at_word(text: str, longest: int) -> str:
    """``text`` as one line, cut between two words where it is longer than ``longest`` characters.

    A single word that is longer is cut all the same.
    """
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    kept = line[:longest].rpartition(" ")[0] or line[:longest]
    return f"{kept} ..."


def table(rows: Iterable[Mapping[str, Any]]) -> dg.TableMetadataValue | str:
    """A table whose columns are the keys of ``rows``; ``none`` where there is no row."""
    records = [dg.TableRecord({_column(name): plain(value) for name, value in row.items()}) for row in rows]
    return dg.MetadataValue.table(records) if records else "none"


def _bare(value: Any) -> Any:
    if isinstance(value, dg.TableMetadataValue):
        return [dict(record.data) for record in value.records]
    return value.value if isinstance(value, dg.MetadataValue) else value


def _column(name: str) -> str:
    return name if _OWN_NAME.fullmatch(name) else f"column {readable_text(name)}"


def _entry(value: Any) -> Any:
    match value:
        case dg.JsonMetadataValue():
            return dg.MetadataValue.json(plain(value.value))
        case dg.PathMetadataValue():
            return dg.MetadataValue.path(readable_text(str(value.value), longest=None))
        case dg.MetadataValue():
            return value
        case Mapping() | list() | tuple():
            return dg.MetadataValue.json(plain(value))
    return plain(value)


def _plain(value: Any, depth: int) -> Any:
    if not isinstance(value, Mapping | list | tuple):
        return _scalar(value)
    if depth == DEEPEST:
        return "nested too deeply to be shown"
    if isinstance(value, Mapping):
        return _mapping({str(key): _plain(of, depth + 1) for key, of in value.items()})
    return [_plain(item, depth + 1) for item in value]


def _scalar(value: Any) -> str | float | None:
    match value:
        case None | bool():
            return value
        case int():
            wide = value.bit_length() > WIDEST_INTEGER_BITS
            return f"an integer of {value.bit_length()} bits" if wide else value
        case float() if math.isfinite(value):
            return value
    return readable_text(str(value))


def _mapping(mapping: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Records if a key is none of this package's. Who knows that beforehand calls ``listed``."""
    if all(_OWN_NAME.fullmatch(name) for name in mapping):
        return mapping
    return [{"name": readable_text(name), "value": value} for name, value in mapping.items()]
