"""Order by chance, but always the same: hashes of a seed and of what identifies a thing."""

import hashlib

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]


def hash_text(seed: int, *parts: str) -> int:
    """64 bits of ``seed`` and ``parts``. No text can be mistaken for another by where its parts end."""
    digest = hashlib.blake2b(str(seed).encode(), digest_size=8)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(f"\n{len(encoded)}:".encode() + encoded)
    return int.from_bytes(digest.digest())


def mix(hashes: Hashes, numbers: Integers) -> Hashes:
    """New hashes of ``hashes`` and ``numbers``, element by element: the finaliser of splitmix64."""
    mixed = hashes ^ (numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Hashes = mixed ^ (mixed >> np.uint64(31))
    return found


def rank_texts(seed: int, texts: list[str]) -> Integers:
    """The rank of each of different ``texts`` in an order by chance."""
    order = sorted(range(len(texts)), key=lambda place: (hash_text(seed, texts[place]), texts[place]))
    ranks = np.empty(len(texts), np.int64)
    ranks[order] = np.arange(len(texts))
    return ranks
