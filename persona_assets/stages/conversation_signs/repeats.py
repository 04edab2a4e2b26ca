"""Finding answers that are the same, or nearly, as an earlier answer of the key.

An answer is compared by a sample of its windows of eight bytes, chosen by their content, so that equal passages give
equal samples in any script. MinHash and locality-sensitive hashing (rensa) say which answers may be alike; whether
two of them are is then counted exactly.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rensa import RMinHash, RMinHashLSH

Hashes = npt.NDArray[np.uint64]

ALIKE = 0.8
"""The share of their windows that two nearly equal answers have in common at least (Jaccard)."""
MIN_WINDOWS = 8
"""Shorter answers, of about 130 bytes, have too few windows; they are only compared as a whole."""
MOST_COMPARED = 4
"""Earlier answers that one is compared with, so that the time is bounded for answers that are all somewhat alike."""
ROWS_AT_ONCE = 32
WINDOWS_AT_ONCE = 2**17
WINDOW = 8
MIX = np.uint64(0x9E3779B97F4A7C15)
SAMPLE_SHIFT = np.uint64(60)
"""Of the mixed windows, those whose highest four bits are 0 are kept: one in sixteen."""
PERMUTATIONS = 128
BANDS = 16
SEED = 1


def find_first_alike(answers: pa.StringArray) -> list[int | None]:
    """For each answer, the place of the first that is nearly the same, or None if it is the first of its like."""
    encoded = answers.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    texts, first = np.unique(codes, return_index=True)
    similar = _find_similar(encoded.dictionary)
    earliest = [int(first[similar.get(int(text), int(text))]) for text in texts]
    alike = (earliest[code] for code in codes.tolist())
    return [place if place != row else None for row, place in enumerate(alike)]


def _find_similar(texts: pa.StringArray) -> dict[int, int]:
    """The places of texts that are nearly the same as an earlier one, each with the place of that one."""
    samples = list(_sample_windows(texts))
    large = [place for place, sample in enumerate(samples) if sample.size >= MIN_WINDOWS]
    suspects = [large[place] for place in _suspect([samples[place] for place in large])]
    return _compare({place: np.unique(samples[place]) for place in suspects})


def _sample_windows(texts: pa.StringArray) -> Iterator[Hashes]:
    for start in range(0, len(texts), ROWS_AT_ONCE):
        part = pa.concat_arrays([texts.slice(start, ROWS_AT_ONCE)])
        offsets = np.frombuffer(part.buffers()[1], np.int32)[part.offset : part.offset + len(part) + 1]
        content = np.frombuffer(part.buffers()[2], np.uint8)[: offsets[-1]]
        if content.size < WINDOW:
            yield from [np.array([], np.uint64)] * len(part)
            continue
        places, windows = _choose_windows(content)
        ends = np.maximum(offsets[1:] - WINDOW + 1, offsets[:-1])
        bounds = zip(np.searchsorted(places, offsets[:-1]), np.searchsorted(places, ends), strict=True)
        yield from (windows[low:high] for low, high in bounds)


def _choose_windows(content: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], Hashes]:
    """The sampled windows and where they begin, in pieces: all windows take eight times the bytes of the text."""
    every = np.ndarray(content.size - WINDOW + 1, "<u8", content, strides=(1,))
    places, windows = [], []
    for start in range(0, every.size, WINDOWS_AT_ONCE):
        mixed = every[start : start + WINDOWS_AT_ONCE] * MIX
        chosen = np.flatnonzero(mixed >> SAMPLE_SHIFT == 0)
        places.append(chosen + start)
        windows.append(mixed[chosen])
    return np.concatenate(places), np.concatenate(windows)


def _suspect(samples: Sequence[Hashes]) -> list[int]:
    """The places of samples that MinHash takes for similar to another one."""
    if not samples:
        return []
    offsets = np.cumsum([0, *(sample.size for sample in samples)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(samples), offsets, PERMUTATIONS, SEED)
    flags = RMinHashLSH(ALIKE, PERMUTATIONS, BANDS).query_duplicate_flags_matrix_one_shot(matrix)
    return [place for place, flag in enumerate(flags) if flag]


def _compare(samples: dict[int, Hashes]) -> dict[int, int]:
    """Compare each sample with the earlier ones that it may be similar to and that are similar to no earlier one."""
    index = RMinHashLSH(ALIKE, PERMUTATIONS, BANDS)
    similar: dict[int, int] = {}
    for place, sample in samples.items():
        sketch = RMinHash(PERMUTATIONS, SEED)
        sketch.update([window.tobytes() for window in sample])
        candidates = sorted(index.query(sketch))[:MOST_COMPARED]
        found = next((other for other in candidates if _share(sample, samples[other]) >= ALIKE), None)
        if found is None:
            index.insert(place, sketch)
        else:
            similar[place] = found
    return similar


def _share(one: Hashes, other: Hashes) -> float:
    common = np.intersect1d(one, other, assume_unique=True).size
    return common / (one.size + other.size - common)
