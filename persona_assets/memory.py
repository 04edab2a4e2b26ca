"""Returning freed memory to the system, so that a worker process does not grow with every dataset."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


def release_memory() -> None:
    """Collect all garbage, and return free memory.

    A tokenizer consists of millions of small objects. Without this, the next tokenizer does not fit into the gaps
    that the last one left, and a process that changes from model to model grows by 120 MB.
    """
    gc.collect()
    trim_memory()


def release_recent_memory() -> None:
    """Collect garbage among recent objects, and return free memory, in about a millisecond.

    Objects of the datasets library refer to each other, and so keep the table that they were made from.
    """
    gc.collect(1)
    trim_memory()


def trim_memory() -> None:
    """Return free pages to the system, which takes milliseconds. Does nothing without glibc."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)


@contextmanager
def keeping_memory_low() -> Iterator[None]:
    """Return freed memory at the end of the block. Arrow must use the system's allocator; its pool keeps pages."""
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        trim_memory()
