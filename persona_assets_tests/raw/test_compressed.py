"""Compressed raw files give the rows of plain ones; a damaged one fails its key, and none can fill the memory."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from persona_assets.errors import RawDataError, UnreadableFileError
from persona_assets.raw.files import RawFile
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.scores import read_scores
from persona_assets_tests.raw.reading import SETTINGS, conversations_at, line, scores_at

Compress = Callable[[bytes], bytes]


def zstd(content: bytes) -> bytes:
    kept = pa.BufferOutputStream()
    with pa.CompressedOutputStream(kept, "zstd") as stream:
        stream.write(content)
    return bytes(kept.getvalue())


CODECS = pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".zst", zstd)])
CONTENT = b"".join(line(number) + b"\r\n" for number in range(20)) + b"no JSON\n" + line(3) + b"\n" + line(20)[:40]


def read(path: Path, content: bytes) -> tuple[RawConversations, list[QuarantinedLine]]:
    path.write_bytes(content)
    entries: list[QuarantinedLine] = []
    return read_conversations(conversations_at(path), SETTINGS, entries.append), entries


@CODECS
def test_rows_ledger_and_quarantine_are_those_of_the_plain_file(
    suffix: str, compress: Compress, tmp_path: Path
) -> None:
    plain, plain_entries = read(tmp_path / "alien.jsonl", CONTENT)
    packed, packed_entries = read(tmp_path / f"alien.jsonl{suffix}", compress(CONTENT))
    assert packed.rows == plain.rows
    assert packed.ledger.record() == plain.ledger.record()
    assert [msgspec.to_builtins(entry) for entry in packed_entries] == list(map(msgspec.to_builtins, plain_entries))
    assert len(plain_entries) == 3


@CODECS
def test_stamp_and_hash_are_those_of_the_bytes_on_disk(suffix: str, compress: Compress, tmp_path: Path) -> None:
    path = tmp_path / f"alien.jsonl{suffix}"
    content = compress(CONTENT)
    [source] = read(path, content)[0].files.values()
    assert (source.size_bytes, source.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@CODECS
def test_several_members_one_after_the_other_are_one_file(suffix: str, compress: Compress, tmp_path: Path) -> None:
    members = compress(CONTENT[:1000]) + compress(CONTENT[1000:])
    assert read(tmp_path / f"a.jsonl{suffix}", members)[0].rows == read(tmp_path / "a.jsonl", CONTENT)[0].rows


@CODECS
@pytest.mark.parametrize("damage", ["cut", "junk behind", "no such format"])
def test_a_damaged_file_fails_its_key(damage: str, suffix: str, compress: Compress, tmp_path: Path) -> None:
    content = compress(CONTENT)
    damaged = {"cut": content[:-5], "junk behind": content + b"junk and more of it", "no such format": CONTENT}
    path = tmp_path / f"alien.jsonl{suffix}"
    with pytest.raises(RawDataError, match=r"cannot be decompressed: .*; it is damaged") as caught:
        read(path, damaged[damage])
    assert caught.value.path == path


@CODECS
def test_what_unfolds_beyond_the_limit_is_refused_before_it_is_in_memory(
    suffix: str, compress: Compress, tmp_path: Path
) -> None:
    path = tmp_path / f"alien.jsonl{suffix}"
    with pytest.raises(RawDataError, match="holds more than the 100,000 bytes allowed, once decompressed"):
        read(path, compress(b"\n" * 50_000_000))


@CODECS
def test_scores_may_be_compressed_too(suffix: str, compress: Compress, tmp_path: Path) -> None:
    path = tmp_path / f"alien.json{suffix}"
    content = compress(json.dumps({"pos_p0_q0": 3, "pos_p0_q1": 2}).encode())
    path.write_bytes(content)
    scores = read_scores(scores_at(path), SETTINGS)
    assert [score.value for score in scores.by_row.values()] == [3, 2]
    assert scores.files["scores"].sha256 == hashlib.sha256(content).hexdigest()


@CODECS
def test_an_empty_compressed_file_is_an_empty_file(suffix: str, compress: Compress, tmp_path: Path) -> None:
    for content in (b"", compress(b"")):
        with pytest.raises(RawDataError, match="is empty: it holds no line"):
            read(tmp_path / f"alien.jsonl{suffix}", content)


def test_a_failing_disk_is_not_taken_for_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_file: RawFile, _size: int | None = None) -> bytes:
        raise UnreadableFileError("the disk failed")

    monkeypatch.setattr(RawFile, "read", fail)
    with pytest.raises(UnreadableFileError, match="the disk failed"):
        read(tmp_path / "alien.jsonl.gz", gzip.compress(CONTENT))
