"""Opening the raw files of a key, plain or compressed."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from persona_assets.errors import RawDataError
from persona_assets.raw.compressed import CompressedFile, codec_of
from persona_assets.raw.files import Allowance, RawFile, naming_unreadable
from persona_assets.regular_files import open_regular


@contextmanager
def open_raw(paths: Mapping[str, Path], max_bytes: int, setting: str) -> Iterator[tuple[RawFile, ...]]:
    """Open the raw files of a key, given by name, after checking that together they are not too large.

    Raises:
        RawDataError: one is missing, unreadable or not a regular file; or together they are too large. If they are
            compressed, the latter may be found out only as they are read.
    """
    with ExitStack() as opened:
        allowance = Allowance(max_bytes, setting)
        files = tuple(opened.enter_context(_open(name, path, allowance)) for name, path in paths.items())
        size = sum(file.unread for file in files)
        if size > max_bytes:
            raise RawDataError(
                f"{' and '.join(str(file.path) for file in files)} {'has' if len(files) == 1 else 'have'} {size:,} "
                f"bytes, more than the {max_bytes:,} allowed; split it, or raise the setting {setting}"
            ).about(path=files[0].path)
        yield files


@contextmanager
def _open(name: str, path: Path, allowance: Allowance) -> Iterator[RawFile]:
    with naming_unreadable(path):
        file = open_regular(path)
    kind = CompressedFile if codec_of(path) else RawFile
    with file:
        yield kind.of(name, path, file, allowance)
