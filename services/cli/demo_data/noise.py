"""Noise that depends on a key and a time only, so that a demo looks the same at each start."""

import math
from hashlib import blake2b
from typing import Final

_MASK: Final = (1 << 64) - 1
_MANTISSA: Final = float(1 << 52)


def key_of(seed: int, name: str) -> int:
    """Return the key for the noise of a series."""
    return int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest())


def noise(key: int, index: int) -> float:
    """Return an evenly distributed number from -1 to 1, by the SplitMix64 function."""
    x = (index * 0x9E3779B97F4A7C15 + key) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((x ^ (x >> 31)) >> 11) / _MANTISSA - 1


def drift(key: int, seconds: float, period_seconds: float) -> float:
    """Return a smooth random curve from -1 to 1 that turns about once in a period."""
    position = seconds / period_seconds
    index = math.floor(position)
    share = position - index
    share *= share * (3 - 2 * share)
    return noise(key, index) * (1 - share) + noise(key, index + 1) * share


def chance(key: int, index: int) -> float:
    """Return an evenly distributed number from 0 to 1."""
    return (noise(key, index) + 1) / 2
