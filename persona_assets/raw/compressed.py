"""Raw files compressed with gzip or zstd, read like plain ones."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, ClassVar, cast

import pyarrow as pa
from typing_extensions import Buffer

from persona_assets.errors import RawDataError
from persona_assets.raw.files import AT_ONCE, RawFile

CODECS = {".gz": "gzip", ".zst": "zstd"}
"""By the end of a file's name."""


def codec_of(path: Path) -> str | None:
    """How the file is compressed; None if it is plain."""
    return CODECS.get(path.suffix)


@dataclass
class CompressedFile(RawFile):
    """Gives the content, while stamp and hash are those of the bytes on disk."""

    rereadable: ClassVar[bool] = False

    @cached_property
    def content(self) -> BinaryIO:
        source = pa.PythonFile(_OnDisk(self), mode="r")
        return cast("BinaryIO", io.BufferedReader(pa.CompressedInputStream(source, codec_of(self.path))))

    def readline(self, limit: int) -> bytes:
        with self._naming_damage():
            return self._take(self.content.readline(limit))

    def read(self, size: int | None = None) -> bytes:
        with self._naming_damage():
            if size is not None:
                return self._take(self.content.read(size))
            return b"".join(iter(lambda: self._take(self.content.read(AT_ONCE)), b""))

    def sha256(self) -> str:
        while RawFile.read(self, AT_ONCE):
            continue
        return self._digest.hexdigest()

    def _take(self, content: bytes) -> bytes:
        self.allowance.use(len(content), self.path)
        return content

    @contextmanager
    def _naming_damage(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException) as error:
            raise RawDataError(
                f"{self.path} cannot be decompressed: {error}; it is damaged or was not written to its end, "
                "so write it again"
            ).about(path=self.path) from error


class _OnDisk(io.RawIOBase):
    """The compressed bytes of a file, counted and hashed as they are read."""

    def __init__(self, file: RawFile) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        content = RawFile.read(self._file, len(view))
        view[: len(content)] = content
        return len(content)
