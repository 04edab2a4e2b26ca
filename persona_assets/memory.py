"""Giving freed memory back to the system: a worker process must not grow with the datasets it has worked on."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


def release_memory() -> None:
    """Collect cycles, and return what is free.

    A tokenizer is millions of small pieces. Without this the next one does not fit between what is left of the
    last, and a process that goes from model to model grows by 120 MB.
    """
    gc.collect()
    trim_memory()


def release_recent_memory() -> None:
    """Collect cycles among what was made lately, and return what is free, both in about a millisecond.

    The objects of the datasets library hold each other, and with them the table that they were made of.
    """
    gc.collect(1)
    trim_memory()


def trim_memory() -> None:
    """Let glibc return free pages, which takes milliseconds; elsewhere the allocator is left alone."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)


@contextmanager
def keeping_memory_low() -> Iterator[None]:
    """Return what the block has freed. Arrow allocates as everything else does, because its own pool keeps pages."""
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        trim_memory()
