"""Sets of round numbers among which the ticks of an axis are chosen, for each kind of natural scale.

All take the limits of the axis on the natural scale and yield sets from sparse to dense, or the other way round; the
caller takes the fullest set that fits.
"""

import math
from collections.abc import Iterator

MOST_TICKS = 8

_STEPS = (1.0, 2.0, 5.0)


def even(low: float, high: float) -> Iterator[list[float]]:
    """Evenly spaced round numbers, closer and closer."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return
    top = math.floor(math.log10(span)) + 1
    for power in range(top, top - 4, -1):
        for factor in reversed(_STEPS):
            step = factor * 10.0**power
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first <= 4 * MOST_TICKS:
                yield [round(n * step, 12 - power) if power < 0 else n * step for n in range(first, last + 1)]


def ratios(low: float, high: float) -> Iterator[list[float]]:
    """Ticks of a ratio: powers of two, then decades with 2 and 5, then decades, then even steps for a narrow axis."""
    if not 0 < low < high < math.inf:
        return
    down, up = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if high / low <= 300:
        yield [2.0**n for n in range(math.floor(math.log2(low)), math.ceil(math.log2(high)) + 1)]
    decades = range(down, up + 1)
    yield [_decade(n, factor) for n in decades for factor in _STEPS]
    yield [_decade(n, factor) for n in decades for factor in (1.0, 3.0)]
    for stride in (1, 2, 3, 5, 10, 20, 50):
        yield [_decade(n, 1.0) for n in decades if n % stride == 0]
    if high / low <= 6:
        yield from even(low, high)


def _decade(power: int, factor: float) -> float:
    """`factor * 10**power`, exact where decimals are."""
    return float(f"{factor}e{power}")


_TOWARDS_ONE = ((0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99), (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99))
_TOWARDS_ONE += ((0.0, 0.5, 0.8, 0.9, 0.95, 0.99), (0.0, 0.5, 0.9, 0.99, 0.999), (0.0, 0.9, 0.999))


def correlations(low: float, high: float) -> Iterator[list[float]]:
    """Even steps in the middle, closer towards -1 and 1 where Fisher's z stretches the axis."""
    yield from even(low, high)
    for half in _TOWARDS_ONE:
        yield [-value for value in reversed(half[1:])] + list(half)


_TOWARDS_ALL = ((0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50), (0.1, 0.5, 1, 2, 5, 10, 20, 30, 50))
_TOWARDS_ALL += ((1, 2, 5, 10, 20, 30, 40, 50), (1, 5, 10, 25, 50), (0.1, 1, 5, 20, 50), (0.1, 1, 10, 50))
_TOWARDS_ALL += ((0.01, 0.1, 1, 10, 50), (0.01, 1, 50))


def percentages(low: float, high: float) -> Iterator[list[float]]:
    """Even steps in the middle, closer towards 0 and 100 % where the logit stretches the axis."""
    yield from even(low, high)
    for half in _TOWARDS_ALL:
        yield list(half) + [round(100 - value, 2) for value in reversed(half[:-1])]
