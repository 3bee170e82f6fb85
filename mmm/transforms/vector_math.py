"""Logarithm and exponential as polynomials, which the compiler turns into vector instructions inside numba loops.

Both split off the power of two and sum a series for the rest, as the C library fdlibm does.
"""

# ruff: noqa: ANN001, ANN201  (numba infers types from the call)

from __future__ import annotations

import numpy as np
from numba import njit

_LOG2E, _LN2_HIGH, _LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10
#: 2^52 and 1.5·2^52: added to a double they leave a whole number in its lowest bits.
_EXPONENT, _ROUND = 4503599627370496.0, 6755399441055744.0
_52, _WHOLE = np.uint64(52), np.uint64(0x4330000000000000)
_FRACTION, _ROOT = np.uint64(0x000FFFFFFFFFFFFF), np.uint64(0x3FE6A09E667F3BCD)
_SHIFT = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)


@njit(inline="always")
def log_fast(x):  # type: ignore[no-untyped-def]
    """Return the natural logarithm of a normal positive double, to some 1e-15."""
    # Moved so that the fraction lies around 1: from √½ to √2.
    bits = np.float64(x).view(np.uint64) + _SHIFT
    exponent = np.float64(np.int32(bits >> _52) - np.int32(1023))
    m = np.uint64((bits & _FRACTION) + _ROOT).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    tail = 1 / 13 + q * (1 / 15 + q * (1 / 17 + q * (1 / 19 + q * (1 / 21))))
    series = 1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * tail))))
    return exponent * _LN2_HIGH + (2.0 * s + (2.0 * s * q * series + exponent * _LN2_LOW))


@njit(inline="always")
def exp_fast(x):  # type: ignore[no-untyped-def]
    """Return e^x for x cut to ±300, to some 1e-15 relative."""
    x = min(max(x, -300.0), 300.0)
    # Rounded by an instruction of its own: written as sums, it would vanish where sums may be reordered.
    n = np.rint(x * _LOG2E)
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    high = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r / 479001600))))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * high))))))
    return p * np.int64((np.float64(n + _ROUND).view(np.int64) + 1023) << 52).view(np.float64)
